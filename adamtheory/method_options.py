"""A method from the words of a command line: ``--method adam --beta 0.999 --set eps_mode=paper``.

An option that is called like a field of the method sets it; a method that has no such field refuses it by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from adamtheory.methods import METHODS, KAdam, Method
from adamtheory.validation import one_of, reject


def method_from_options(
    name: str,
    *,
    beta: Sequence[str] = (),
    gamma: Sequence[str] = (),
    betas: tuple[str, str] | None = None,
    named: Mapping[str, str | int | None] | None = None,
    settings: Sequence[str] = (),
) -> Method:
    """The method called ``name``, with its own defaults for what is not given.

    ``beta``, ``gamma``: values as texts, each one number or several between commas (k-Adam: one a level); ``betas`` is
    PyTorch's pair (gamma, beta); ``named``: fields by name, None where not given; ``settings``: texts "field=value".
    Raises ValueError or TypeError, in one line."""
    chosen = METHODS[one_of("method", name, METHODS)]
    given: dict[str, Any] = {field: value for field, value in (named or {}).items() if value is not None}
    for setting in settings:
        field, sign, value = setting.partition("=")
        if not sign or not field.strip() or not value.strip():
            reject("set", setting, "of the form name=value")
        field = field.strip()
        if field in given:
            reject("set", setting, f"left out where {field} is given already")
        given[field] = value.strip()
    if betas is not None:
        if beta or gamma:
            reject("betas", betas, "left out with --beta and --gamma")
        gamma, beta = ((value,) for value in betas)
    for letter, texts in (("beta", beta), ("gamma", gamma)):
        if texts:
            field = letter + "s" if chosen is KAdam else letter
            if field in given:
                reject("set", f"{field}={given[field]}", f"left out where --{letter} is given already")
            given[field] = _values(letter, texts, several=chosen is KAdam)
    return chosen(**{field: _typed(chosen, field, value) for field, value in given.items()})


def fields_of(method: type[Method]) -> dict[str, str]:
    """The fields of a method that can be set, each with its declared type as text."""
    return {field.name: str(field.type) for field in fields(method)}


def _values(letter: str, texts: Sequence[str], *, several: bool) -> Any:
    values = [value.strip() for text in texts for value in text.split(",")]
    if len(values) == 1:
        return values[0]
    if not several:
        reject(letter, ",".join(values), "one value (only kadam has levels)")
    return values


def _typed(method: type[Method], field: str, value: Any) -> Any:
    known = fields_of(method)
    if field not in known:
        allowed = ", ".join(known) or "none"
        raise ValueError(f"{field} is not a setting of {method.name}, which has: {allowed}")
    if not isinstance(value, str):
        return value
    if known[field] == "bool":
        if value.lower() not in ("true", "false"):
            reject(field, value, "true or false")
        return value.lower() == "true"
    if known[field].startswith("int"):
        if not value.removeprefix("-").isdecimal():
            reject(field, value, "an integer")
        return int(value)
    if "," in value:
        return [part.strip() for part in value.split(",")]
    return value
