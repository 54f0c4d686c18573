"""The studies behind the tables, on small settings: every table has its rows, and the numbers mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from adamtheory.flows import problem
from adamtheory.flows.integral_equations import check_equations
from adamtheory.flows.known_equations import KNOWN
from adamtheory.flows.studies import breakdown, conventions, cost, equations, memory_equations, noise, order, variants
from adamtheory.flows.studies.command import STUDIES, table_of
from adamtheory.methods import Adam


def cells(table, row):
    return dict(zip(table.heads, table.rows[row], strict=True))


def test_order(monkeypatch):
    flows = {"whole": variants.NAMED[variants.SECOND_ORDER], "published": variants.NAMED[variants.GOULD_TANAKA]}
    monkeypatch.setattr(order, "PROBLEMS", (("quadratic", 0.1),))
    monkeypatch.setattr(order, "_flows", lambda: flows)
    table = order.order_table()
    whole, published = cells(table, 0), cells(table, 1)
    assert float(whole["quadratic: slope"]) > 1.9
    assert float(whole["quadratic: slope, decay"]) > 1.9
    assert float(published["quadratic: slope"]) < 1.1
    assert float(whole["quadratic: error"]) < 1e-3 * float(published["quadratic: error"])


def test_conventions(monkeypatch):
    monkeypatch.setattr(conventions, "SETTINGS", {"quadratic": (1e-3, 50), "logistic": (1e-3, 20)})
    table = conventions.conventions_table()
    assert table.heads == ("flow", "quadratic", "logistic")
    assert len(table.rows) == 13
    percents = {row[0]: float(row[1].removesuffix(" %")) for row in table.rows}
    assert min(percents, key=lambda name: percents[name]) == "exact, consistent, lag, second order"


def test_memory_equations(monkeypatch):
    line = problem("quadratic")
    chosen = [memory_equations.Experiment(Adam(lr="0.01", eps="1e-8"), line, 0.5, "one")]
    monkeypatch.setattr(memory_equations, "experiments", lambda: iter(chosen))
    row = memory_equations.memory_table().rows[0]
    assert row[0] == "one"
    assert 0.7 < float(row[2]) < 1.2
    assert float(row[4]) == pytest.approx(2, abs=0.2)


def test_the_sources_experiments_are_all_there():
    titles = [experiment.title for experiment in memory_equations.experiments()]
    assert len(titles) == len(set(titles)) == 28
    assert "RMSProp, β 0.99, lr 0.01" in titles
    assert "AdaGrad, lr 0.01, 200000 steps" in titles


def test_breakdown(monkeypatch):
    monkeypatch.setattr(breakdown, "PROBLEMS", {"quadratic": 1.0})
    monkeypatch.setattr(breakdown, "RATES", (0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.2, 0.25, 0.3, 0.5))
    table = breakdown.breakdown_table()
    assert len(table.rows) == 3
    assert all(len(row) == len(table.heads) for row in table.rows)


def test_equations(monkeypatch):
    found = check_equations(tuple(equation.name for equation in KNOWN[:1]))
    monkeypatch.setattr(equations, "check_equations", lambda: found)
    table = equations.equations_table()
    assert [row[0] for row in table.rows] == [check.name for check in found]
    assert all(float(row[1]) < 1e-6 for row in table.rows)


def test_cost(monkeypatch):
    monkeypatch.setattr(cost, "SETTINGS", {"quadratic": ("0.01", 20, 1e-6)})
    table = cost.cost_table()
    assert [row[0].split(", ")[-1] for row in table.rows] == ["discrete", *variants.NAMED]
    assert table.rows[0][1] == "20"
    assert all(float(row[2]) > 0 for row in table.rows)


def test_noise(monkeypatch):
    monkeypatch.setattr(noise, "SETTINGS", (("least-squares", "0.01", 30, (1, 512)),))
    monkeypatch.setattr(noise, "RUNS", 4)
    small, large = (cells(noise.noise_table(), row) for row in (0, 1))
    spread = [float(row["spread"].removesuffix(" %")) for row in (small, large)]
    assert spread[0] > spread[1] > 0


def test_every_study_has_a_module_and_a_function():
    assert set(STUDIES) >= {"order", "conventions", "cost"}
    with pytest.raises(KeyError):
        table_of("speed")


def test_numbers_as_people_read_them():
    assert variants.shown(None) == variants.shown(np.nan) == variants.percent(np.inf) == "–"
    assert variants.shown(0.00123) == "1.2e-03"
    assert variants.shown(1.234) == "1.2"
    assert variants.percent(0.0123) == "1.2 %"
    assert variants.percent(1e-7) == "1e-05 %"
