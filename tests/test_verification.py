"""`verify`: the user's own files, selection, sharing of work, and refusals."""

from __future__ import annotations

import pickle
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import pytest

from adamtheory.proof.loading import load
from adamtheory.proof.verdict import Verdict
from adamtheory.verification import Request, named, verify

PROOFS = '''
from adamtheory.notation import beta, gamma
from adamtheory.proof.theorem import Source, printed, theorem
from adamtheory.propositions import eq

HERE = Source("my notes", "page 3")

@theorem(source=HERE, claim=eq((beta + gamma)**2, beta**2 + 2*beta*gamma + gamma**2))
def square_of_a_sum(proof):
    """The square of a sum."""
    return proof.have(proof.statement.claim)

@theorem(source=HERE, claim=eq((beta - gamma)**2, beta**2 - 2*beta*gamma + gamma**2))
def square_of_a_difference(proof):
    """The square of a difference."""
    return proof.cite("square_of_a_sum", {gamma: -gamma})

false_square = printed(name="false_square", title="A false square", source=HERE,
                       claim=eq((beta + gamma)**2, beta**2 + gamma**2), witness={beta: 1, gamma: 1})
'''
FALSE = '''
from adamtheory.notation import beta, gamma
from adamtheory.proof.theorem import Source, theorem
from adamtheory.propositions import eq

@theorem(source=Source("a wish"), claim=eq((beta + gamma)**2, beta**2 + gamma**2))
def wished_square(proof):
    """What one might wish."""
    return proof.have(proof.statement.claim)
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "squares.py").write_text(PROOFS)
    return tmp_path


def without_times(report):
    return [replace(r, seconds=0.0) for r in report]


def test_true_and_printed_statements_verify(folder) -> None:
    report = verify(folder)
    assert report.ok
    assert [r.verdict for r in report] == [Verdict.PROVED, Verdict.PROVED, Verdict.REFUTED]
    assert "square_of_a_sum" in report["square_of_a_difference"].trust.theorems


def test_a_false_theorem_is_not_proved_and_hides_nothing(folder) -> None:
    (folder / "wish.py").write_text(FALSE)
    (folder / "broken.py").write_text("1/0")
    report = verify(folder)
    assert [r.name for r in report.unexpected] == ["wished_square"]
    assert report["square_of_a_sum"].verdict is Verdict.PROVED
    assert len(report.broken) == 1
    assert report.exit_status == 2


@pytest.mark.parametrize(
    ("select", "count"), [("square_of_*", 2), ("FALSE", 1), ("my notes", 3), ("*sum", 1), ("square of a diff", 1)]
)
def test_selection_by_name_title_and_source(folder, select, count) -> None:
    assert len(verify(folder, select=select)) == count


def test_what_is_cited_need_not_be_selected(folder) -> None:
    (result,) = verify(folder, select="square_of_a_difference")
    assert result.verdict is Verdict.PROVED


def test_an_executor_gives_equal_results(folder) -> None:
    with ThreadPoolExecutor(1) as executor:
        shared = verify(folder, executor=executor, seed=3)
    assert without_times(shared) == without_times(verify(folder, seed=3))


def test_results_travel_between_processes(folder) -> None:
    report = verify(folder)
    assert without_times(pickle.loads(pickle.dumps(report))) == without_times(report)  # noqa: S301 our own bytes


class _Dying(ThreadPoolExecutor):
    def submit(self, *_args, **_kwargs):
        future: Future = Future()
        future.set_exception(BrokenProcessPool("the worker died"))
        return future


def test_a_worker_that_dies_leaves_statements_undecided(folder) -> None:
    with _Dying(1) as executor:
        report = verify(folder, executor=executor)
    assert {r.verdict for r in report} == {Verdict.UNDECIDED}
    assert "ended abruptly" in report["square_of_a_sum"].detail
    assert report.exit_status == 1


def test_checks_that_cannot_be_evaluated_fail_and_hide_nothing(folder, monkeypatch) -> None:
    import adamtheory.runs as runs

    def broken(*_args, **_kwargs):
        raise ArithmeticError("no such\nnumber")

    monkeypatch.setattr(runs, "checkable", lambda statement: statement.name == "square_of_a_sum")
    monkeypatch.setattr(runs, "check_on_runs", broken)
    report = verify(folder)
    assert [r.name for r in report.unexpected] == ["square_of_a_sum"]
    (check,) = report["square_of_a_sum"].checks
    assert check.where == "it could not be evaluated: ArithmeticError: no such number"


def test_progress_reaches_the_end(folder) -> None:
    seen = []
    verify(folder, progress=lambda done, total, name: seen.append((done, total, name)))
    assert seen[-1][0] == seen[-1][1]


def test_an_edited_file_is_judged_anew(folder) -> None:
    assert verify(folder).ok
    (folder / "squares.py").write_text(PROOFS.replace("2*beta*gamma", "3*beta*gamma"))
    assert not verify(folder).ok


@pytest.mark.parametrize(
    ("arguments", "error", "names"),
    [
        ({"select": "no such theorem"}, ValueError, "select"),
        ({"select": 3}, TypeError, "select"),
        ({"trials": 0}, ValueError, "trials"),
        ({"trials": 2.5}, TypeError, "trials"),
        ({"seed": -1}, ValueError, "seed"),
        ({"device": "tpu"}, ValueError, "device"),
        ({"device": "cuda:x"}, ValueError, "device"),
        ({"runs": 1}, TypeError, "runs"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(folder, arguments, error, names) -> None:
    with pytest.raises(error, match=f"^{names} must be") as refusal:
        verify(folder, **arguments)
    assert "\n" not in str(refusal.value)


def test_cuda_asked_for_and_absent(folder) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    with pytest.raises(ValueError, match="device must be 'cpu'"):
        Request(device="cuda")


def test_an_unknown_name_lists_close_ones(folder) -> None:
    with pytest.raises(ValueError, match="square_of_a_sum"):
        named(load([folder]), "square_of_sum")
