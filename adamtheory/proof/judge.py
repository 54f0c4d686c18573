"""From a statement to its verdict.  A failure here is UNDECIDED, with the step that failed; only a rigorous witness
refutes."""

from __future__ import annotations

import time
import traceback
from dataclasses import replace

from adamtheory.proof.builder import Proof, affordable
from adamtheory.proof.defined import require_hypotheses
from adamtheory.proof.kernel import Rejected, Scope, Sequent, Trust
from adamtheory.proof.library import Library
from adamtheory.proof.theorem import ConjectureStatement, PrintedStatement, Statement, TheoremStatement
from adamtheory.proof.verdict import Result, Step, Verdict, unrepaired

ADMISSIBLE_ATTEMPTS = 200
SEARCH_TRIALS = 100
ORDER_SLACK = 0.1


def judge(statement: Statement, *, library: Library, trials: int = 4, seed: int = 0) -> Result:
    """The verdict on one statement.  Never raises for a failing proof."""
    return judge_statement(statement, library, trials=trials, seed=seed)[0]


def judge_statement(
    statement: Statement, library: Library, *, trials: int, seed: int, silent: bool = False
) -> tuple[Result, Sequent | None]:
    """``silent``: for the sequent alone, without a record of the steps."""
    started = time.perf_counter()
    blank = Result(
        name=statement.name,
        title=statement.title,
        source=str(statement.source),
        statement="" if silent else str(statement),
        verdict=Verdict.UNDECIDED,
        expected=statement.expected,
        detail="",
        trust=Trust(),
        file=statement.file,
        override=statement.override,
        note=statement.note,
    )
    sequent: Sequent | None = None
    if isinstance(statement, PrintedStatement):
        result = _judge_printed(statement, library, blank)
    elif isinstance(statement, ConjectureStatement):
        result = _judge_conjecture(statement, blank, trials, seed)
    elif isinstance(statement, TheoremStatement):
        proof = Proof(statement, library, trials=trials, seed=seed, silent=silent)
        result, sequent = _judge_theorem(statement, proof, blank)
    else:
        result = replace(blank, detail=f"{type(statement).__name__} is not a kind of statement that can be judged")
    return replace(result, seconds=time.perf_counter() - started), sequent


def _judge_printed(statement: PrintedStatement, library: Library, blank: Result) -> Result:
    from adamtheory.proof.witness import check_witness

    report = check_witness(statement)
    if not report.refuted:
        witness = f"; the witness: {report.detail}" if report.detail else ""
        return replace(blank, detail=f"the witness does not refute the claim: {report.reason}{witness}")
    trust = Trust(rules=frozenset({"witness"}), solvers=frozenset({"Arb (ball arithmetic)"}))
    flaw = "" if statement.repaired in ("", *library.elsewhere) else _flaw(statement, library)
    return replace(blank, verdict=Verdict.REFUTED, detail=report.detail, trust=trust, flaw=flaw)


def _flaw(statement: PrintedStatement, library: Library) -> str:
    if statement.repaired not in library.names:
        return f"repaired={statement.repaired!r} names no statement in these files or the library's own"
    repaired = library.result(statement.repaired)
    return unrepaired(statement.repaired, repaired.verdict, repaired.detail)


def _judge_conjecture(statement: ConjectureStatement, blank: Result, trials: int, seed: int) -> Result:
    from adamtheory.proof.shadow import shadow

    report = shadow(statement.hypotheses, statement.claim, trials=20 * trials, seed=seed, sample=statement.sample)
    if report.violation is not None:
        return _undecided(statement, blank, f"the claim fails numerically: {report.reason}", seed, trials)
    if not report.trials:
        return replace(blank, detail=f"no admissible point was evaluated: {report.reason}")
    margin = None if report.margin is None else float(report.margin)
    trust = Trust(rules=frozenset({"numeric shadow"}))
    detail = f"{report.trials} trials"
    return replace(blank, verdict=Verdict.TESTED, detail=detail, trust=trust, trials=report.trials, margin=margin)


def _judge_theorem(statement: TheoremStatement, proof: Proof, blank: Result) -> tuple[Result, Sequent | None]:
    library, trials, seed = proof.library, proof.trials, proof.seed
    try:
        require_hypotheses(Scope(), statement.hypotheses)
        sequent = statement.proof(proof)
        if sequent is None:
            raise Rejected("conclude.missing", "the proof returned nothing; return proof.conclude(...)")
        # A proof may have done anything to its own Proof object; this one is new.
        sequent = Proof(statement, library).conclude(sequent)
        shadow = _final_shadow(statement, proof, trials, seed)
        note = shadow.note if statement.measure is None or proof.silent or not trials else _measured(statement)
    except Rejected as problem:
        return _undecided(statement, replace(blank, steps=tuple(proof.steps)), str(problem), seed, trials), None
    except Exception as problem:  # noqa: BLE001  a proof file is anybody's code: whatever it raises decides nothing
        where = traceback.extract_tb(problem.__traceback__)[-1]
        reason = f"{type(problem).__name__}: {problem} ({where.name}, line {where.lineno})"
        return _undecided(statement, replace(blank, steps=tuple(proof.steps)), reason, seed, trials), None
    margins = [s.margin for s in (*proof.steps, shadow) if s.margin is not None]
    verdict = Verdict.PROVED if statement.order is None else Verdict.PROVED_TO_ORDER
    detail = note
    if sequent.trust.assumptions:
        verdict, detail = Verdict.ASSUMED, "; ".join(sorted(sequent.trust.assumptions))
    return (
        replace(
            blank,
            verdict=verdict,
            detail=detail,
            order=statement.order,
            trust=sequent.trust,
            steps=tuple(proof.steps),
            trials=sum(s.trials for s in proof.steps) + shadow.trials,
            margin=min(margins) if margins else None,
        ),
        sequent,
    )


def _final_shadow(statement: TheoremStatement, proof: Proof, trials: int, seed: int) -> Step:
    """The claim itself at fresh admissible points; hypotheses that no point satisfies prove nothing."""
    from adamtheory.proof.sampling import Sampler
    from adamtheory.proof.shadow import shadow

    if trials == 0:
        return Step("claim", "", "numeric shadow")
    affords = affordable(trials, statement.claim, statement.hypotheses, 4)
    report = shadow(statement.hypotheses, statement.claim, trials=affords, seed=seed + 10_000, sample=statement.sample)
    if report.violation is not None:
        raise Rejected("shadow", f"the claim fails numerically: {report.reason}")
    if not report.trials:  # no point was met by chance, or none decides a claim of this form
        sampler = Sampler(statement.hypotheses, statement.claim, seed=seed + 10_000, sample=statement.sample)
        if all(sampler.draw() is None for _ in range(ADMISSIBLE_ATTEMPTS)):
            raise Rejected(
                "hypotheses.admissible", "no admissible point was found: the hypotheses may contradict each other"
            )
    order = getattr(report, "order", None)
    note = f"measured order {float(order):.3f}" if order is not None else ""
    return Step(
        "claim", "", "numeric shadow", note, report.trials, None if report.margin is None else float(report.margin)
    )


def _measured(statement: TheoremStatement) -> str:
    """The order that runs show, beside an explicit bound of that order; one well below it contradicts the proof."""
    if statement.measure is None or statement.order is None:
        return ""
    order, where = statement.measure()
    if not order >= statement.order - ORDER_SLACK:
        raise Rejected("order.measured", f"measured order {order:.3f} {where}, below the claimed {statement.order}")
    return f"measured order {order:.3f} {where}"


def _undecided(
    statement: TheoremStatement | ConjectureStatement, blank: Result, reason: str, seed: int, trials: int
) -> Result:
    """Why the proof fails; and a rigorous counterexample, if the claim has one that a search finds."""
    if not trials:
        return replace(blank, detail=reason)
    from adamtheory.proof.witness import refutes
    from adamtheory.proof.witness_search import find_witness

    affords = affordable(SEARCH_TRIALS, statement.claim, statement.hypotheses, 5)
    witness = find_witness(
        statement.claim, statement.given, statement.where, seed=seed, trials=affords, sample=statement.sample
    )
    if witness is None:
        return replace(blank, detail=reason)
    report = refutes(statement.claim, statement.given, statement.where, witness)
    trust = Trust(rules=frozenset({"witness"}), solvers=frozenset({"Arb (ball arithmetic)"}))
    detail = f"{report.detail} (the proof fails at: {reason})"
    return replace(blank, verdict=Verdict.REFUTED, detail=detail, trust=trust)
