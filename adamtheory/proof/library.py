"""A set of statements that may cite each other; each is judged once, circular citation is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adamtheory.proof.kernel import Rejected, Sequent
from adamtheory.proof.theorem import Statement
from adamtheory.proof.verdict import Result, Verdict


class Library:
    """``elsewhere``: statements whose own verdict another process of the same run finds.  Cited here, they are proved
    without their numeric shadow, which is tried there; the run itself sees to what depends on one that fails."""

    def __init__(
        self,
        statements: Sequence[Statement],
        *,
        trials: int = 4,
        seed: int = 0,
        elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        self._statements: dict[str, Statement] = {}
        for s in statements:
            if s.name in self._statements:
                raise ValueError(f"two statements are called {s.name}: {self._statements[s.name].file} and {s.file}")
            self._statements[s.name] = s
        self.trials = trials
        self.elsewhere = elsewhere
        self.seed = seed
        self._results: dict[str, Result] = {}
        self._sequents: dict[str, Sequent] = {}
        self._open: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._statements)

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._statements.values())

    def __getitem__(self, name: str) -> Statement:
        if name not in self._statements:
            raise KeyError(f"no statement is called {name}")
        return self._statements[name]

    def result(self, name: str) -> Result:
        """The verdict on one statement, judged on first demand."""
        from adamtheory.proof.judge import judge_statement

        if name in self._open:
            raise Rejected("citation.circular", f"{name} is asked for while it is being proved")
        if name not in self._results:
            statement = self[name]
            self._open.append(name)
            try:
                result, sequent = judge_statement(statement, self, trials=self.trials, seed=self.seed)
            finally:
                self._open.pop()
            self._results[name] = result
            if sequent is not None:
                self._sequents[name] = sequent
        return self._results[name]

    def sequent(self, name: str) -> Sequent:
        """The proved sequent of a statement, for citation."""
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            raise Rejected("citation.circular", f"circular citation {circle}")
        if name not in self._statements:
            raise Rejected("citation.unknown", f"no theorem is called {name}")
        if name in self.elsewhere and name not in self._results and name not in self._sequents:
            self._prove(name)
        if name in self._sequents:
            return self._sequents[name]
        verdict = self.result(name).verdict
        if verdict not in (Verdict.PROVED, Verdict.PROVED_TO_ORDER, Verdict.ASSUMED) or name not in self._sequents:
            raise Rejected("citation.dependency", f"the cited theorem {name} is {verdict.value}")
        return self._sequents[name]

    def _prove(self, name: str) -> None:
        """The sequent alone, if the proof goes through."""
        from adamtheory.proof.judge import judge_statement

        self._open.append(name)
        try:
            _, sequent = judge_statement(self[name], self, trials=0, seed=self.seed, silent=True)
        finally:
            self._open.pop()
        if sequent is not None:
            self._sequents[name] = sequent
