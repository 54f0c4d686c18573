"""Normal forms: every expression becomes a quotient of polynomials over the rationals in *generators*.

Generators are symbols, ``b**M`` and ``exp(M)`` for a monomial M of the exponent, roots ``b**(1/q)`` with the relation
r**q = b, absolute values with a**2 = x**2, sums and integrals with their constants pulled out and their limits aligned,
and any other node taken whole.  Two defined expressions with the same normal form are equal; the converse is not
claimed.  Splitting ``b**(n - k)`` into ``b**n / b**k`` needs ``b != 0``, pulling a root apart needs signs: both are
asked of the scope, and where it cannot tell, the node stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from math import lcm
from typing import Any

import flint
import sympy as sp
from sympy.core.function import AppliedUndef

from adamtheory.proof.kernel import Rejected

Query = Callable[[sp.Expr], bool]
Quotient = tuple[Any, Any]  # numerator and denominator, fmpq_mpoly


def never(_: sp.Expr) -> bool:
    return False


@lru_cache(maxsize=50_000)
def exponent_terms(exponent: sp.Expr) -> tuple[tuple[sp.Rational, sp.Expr], ...]:
    """An exponent as a sum of rational multiples of monomials; the constant term belongs to the monomial 1."""
    numerator, denominator = sp.fraction(sp.cancel(sp.together(exponent)))
    terms = []
    for term in sp.Add.make_args(sp.expand(numerator)):
        coefficient, monomial = sp.cancel(term / denominator).as_coeff_Mul()
        terms.append((sp.Rational(coefficient), monomial))
    return tuple(terms)


def _factors(base: sp.Expr) -> list[sp.Expr]:
    """The base of a power, and the bases of its factors."""
    found = [base]
    if isinstance(base, (sp.Mul, sp.Pow)) and base != sp.E:
        parts = base.args if isinstance(base, sp.Mul) else base.args[:1]
        found += [inner for part in parts for inner in _factors(part)]
    return found


def _logarithm(monomial: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(b, s) for a monomial s*log(b) with no other logarithm in it: there b > 0, since the monomial is defined."""
    found = [x for x in sp.Mul.make_args(monomial) if isinstance(x, sp.log)]
    rest = monomial / found[0] if len(found) == 1 else monomial
    return None if len(found) != 1 or rest.has(sp.log) else (found[0].args[0], rest)


def _is_index(e: sp.Expr) -> bool:
    return bool(e.is_integer)


class Normaliser:
    """Abstracts expressions into polynomials.  One instance serves one comparison: its generators are shared by all
    the expressions that are compared."""

    def __init__(self, expressions: Iterable[sp.Expr], *, nonzero: Query = never, nonnegative: Query = never) -> None:
        self.nonzero = nonzero
        self.nonnegative = nonnegative
        self._denominators: dict[tuple[sp.Expr, sp.Expr], int] = {}
        self._generators: dict[Any, sp.Symbol] = {}
        self.meaning: dict[sp.Symbol, sp.Expr] = {}
        self.roots: list[tuple[sp.Symbol, int, sp.Expr]] = []  # generator**order = radicand, in order of creation
        self._memo: dict[sp.Expr, sp.Expr] = {}
        for e in expressions:
            self._scan(e)

    # -- generators -------------------------------------------------------------------------------------------------
    def _scan(self, e: sp.Expr) -> None:
        """Find the common denominator of all rational multiples of each exponent monomial."""
        for node in sp.preorder_traversal(e):
            if isinstance(node, (sp.sinh, sp.cosh, sp.tanh, sp.exp)):
                self._scan_exponent(sp.E, node.args[0])
            elif isinstance(node, sp.Pow) and not node.exp.is_Rational:
                self._scan_exponent(node.base, node.exp)

    def _scan_exponent(self, base: sp.Expr, exponent: sp.Expr) -> None:
        for coefficient, monomial in exponent_terms(exponent):
            log = _logarithm(monomial) if base == sp.E else None
            if log is not None:
                argument, rest = log
                self._scan_exponent(argument, coefficient * rest)
                continue
            for part in _factors(base):  # a power of a product may be taken factor by factor
                key = (part, monomial)
                self._denominators[key] = lcm(self._denominators.get(key, 1), int(coefficient.q))

    def _generator(self, key: Any, meaning: sp.Expr) -> sp.Symbol:
        if key not in self._generators:
            symbol = sp.Dummy(f"G{len(self._generators)}")
            self._generators[key] = symbol
            self.meaning[symbol] = meaning
        return self._generators[key]

    def _canonical(self, e: sp.Expr) -> sp.Expr:
        """The abstracted form as one cancelled fraction: the key under which equal nodes meet."""
        return sp.cancel(self.abstract(e))

    def concrete(self, e: sp.Expr) -> sp.Expr:
        """Generators replaced by what they stand for."""
        while True:
            known = {s: self.meaning[s] for s in e.free_symbols if s in self.meaning}
            if not known:
                return e
            e = e.xreplace(known)

    # -- abstraction ------------------------------------------------------------------------------------------------
    def abstract(self, e: sp.Expr) -> sp.Expr:
        """A rational expression in symbols and generators that equals ``e`` wherever ``e`` is defined."""
        if e not in self._memo:
            self._memo[e] = self._abstract(e)
        return self._memo[e]

    def _abstract(self, e: sp.Expr) -> sp.Expr:
        if e.is_Rational or e.is_Symbol:
            return e
        if isinstance(e, (sp.Add, sp.Mul)):
            return e.func(*map(self.abstract, e.args))
        if isinstance(e, sp.exp):
            return self._power(sp.E, e.args[0])
        if isinstance(e, sp.Pow):
            return self._pow(e)
        if isinstance(e, (sp.sinh, sp.cosh, sp.tanh)):
            return self.abstract(e.rewrite(sp.exp))
        if isinstance(e, sp.Abs):
            return self._absolute(e)
        if isinstance(e, sp.Sum):
            from adamtheory.proof.binders import normal_sum

            return normal_sum(self, e)
        if isinstance(e, sp.Integral):
            from adamtheory.proof.binders import normal_integral

            return normal_integral(self, e)
        if isinstance(e, AppliedUndef):
            return self._generator(e.func(*map(self._argument, e.args)), e)
        if isinstance(e, sp.Derivative):
            return self._generator(e, e)
        if isinstance(e, sp.log):
            return self._logarithm(e)
        if isinstance(e, sp.sign) and self.nonzero(e.args[0]):
            return self.abstract(e.args[0]) / self.abstract(sp.Abs(e.args[0]))
        if isinstance(e, (sp.Max, sp.Min, sp.sign)) or e in (sp.pi, sp.E):
            return self._generator((e.func, tuple(map(self._canonical, e.args))), e)
        return self._generator(e, e)

    def _argument(self, e: sp.Expr) -> sp.Expr:
        return sp.expand(sp.cancel(e))

    def _pow(self, e: sp.Pow) -> sp.Expr:
        base, exponent = e.base, e.exp
        if exponent.is_Integer:
            return self.abstract(base) ** exponent
        if exponent.is_Rational:
            return self._root(base, int(exponent.q)) ** int(exponent.p)
        return self._power(base, exponent)

    def _root(self, base: sp.Expr, order: int) -> sp.Expr:
        radicand = self._canonical(base)
        if radicand.is_Rational and order == 2 and radicand >= 0:
            exact = sp.sqrt(radicand)
            if exact.is_Rational:
                return exact
        key = ("root", order, radicand)
        fresh = key not in self._generators
        symbol = self._generator(key, sp.Pow(base, sp.Rational(1, order)))
        if fresh:
            self.roots.append((symbol, order, radicand))
        return symbol

    def _absolute(self, e: sp.Abs) -> sp.Expr:
        inside = e.args[0]
        if self.nonnegative(inside):
            return self.abstract(inside)
        if self.nonnegative(-inside):
            return -self.abstract(inside)
        value = self._canonical(inside)
        key = ("abs", value)
        if ("abs", sp.cancel(-value)) in self._generators:
            key = ("abs", sp.cancel(-value))
        fresh = key not in self._generators
        symbol = self._generator(key, e)
        if fresh:
            self.roots.append((symbol, 2, sp.cancel(value**2)))
        return symbol

    def _logarithm(self, e: sp.Expr) -> sp.Expr:
        """log(a b^c) as log(a) + c log(b), where every factor is known to be positive."""
        factors = [x.as_base_exp() for x in sp.Mul.make_args(e.args[0])]
        compound = len(factors) > 1 or factors[0][1] != 1
        if not compound or not all(b == sp.E or (self.nonnegative(b) and self.nonzero(b)) for b, _ in factors):
            return self._generator((sp.log, (self._canonical(e.args[0]),)), e)
        return sp.Add(*(self.abstract(c if b == sp.E else c * sp.log(b)) for b, c in factors))

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """``base**exponent`` with a symbolic exponent, split along the monomials of the exponent."""
        integral = _is_index(exponent)
        if isinstance(base, sp.Mul) and (integral or all(map(self._positive, base.args))):
            return sp.Mul(*(self.abstract(sp.Pow(b, exponent)) for b in base.args))
        inner_power = isinstance(base, sp.Pow) and base.exp.is_Integer and (integral or self._positive(base.base))
        if inner_power and (base.exp > 0 or self.nonzero(base.base)):
            return self._power(base.base, base.exp * exponent)
        terms = exponent_terms(exponent)
        separable = base == sp.E or self._positive(base)
        if not separable:
            whole = integral and all(_is_index(c * m) for c, m in terms)
            if not (whole and (self.nonzero(base) or all(self._grows(c, m) for c, m in terms))):
                return self._generator(("power", self._canonical(base), self._canonical(exponent)), base**exponent)
        result: sp.Expr = sp.Integer(1)
        inner = base if base == sp.E else self.abstract(base)
        for coefficient, monomial in terms:
            if monomial == 1 and coefficient.is_Integer and base != sp.E:
                result *= inner ** int(coefficient)
                continue
            if monomial == 1 and base != sp.E:  # here the base is positive
                result *= self._root(base, int(coefficient.q)) ** int(coefficient.p)
                continue
            log = _logarithm(monomial) if base == sp.E else None
            if log is not None:  # exp(s*log(b)) = b**s
                argument, rest = log
                result *= self.abstract(sp.Pow(argument, coefficient * rest))
                continue
            denominator = 1  # b**(n/2) is real only where b > 0
            if separable:
                denominator = lcm(self._denominators.get((base, monomial), 1), int(coefficient.q))
            key = ("power", self._canonical(base) if base != sp.E else base, self._canonical(monomial), denominator)
            symbol = self._generator(key, sp.Pow(base, monomial / denominator))
            result *= symbol ** int(coefficient * denominator)
        return result

    def _positive(self, e: sp.Expr) -> bool:
        return self.nonnegative(e) and self.nonzero(e)

    @staticmethod
    def _grows(coefficient: sp.Rational, monomial: sp.Expr) -> bool:
        return bool(coefficient >= 0 and (monomial == 1 or monomial.is_nonnegative))

    # -- polynomials ------------------------------------------------------------------------------------------------
    def quotient(self, abstracted: sp.Expr, context: Any = None) -> Quotient:
        """An abstracted expression as (numerator, denominator) in the context's polynomial ring."""
        names = context or self.context(abstracted)
        ring = dict(zip(names.names(), names.gens(), strict=True))
        return _quotient(abstracted, names, ring, {})

    def context(self, *abstracted: sp.Expr) -> Any:
        symbols = set().union(*(a.free_symbols for a in abstracted), set())
        for symbol, _, radicand in self.roots:
            symbols |= {symbol} | radicand.free_symbols
        names = tuple(sorted(generator_name(s) for s in symbols)) or ("unused",)
        return flint.fmpq_mpoly_ctx.get(names, flint.Ordering.lex)

    def reduce(self, polynomial: Any, context: Any) -> Any:
        """The polynomial modulo r**order = radicand, times a power of the radicands' denominators (never zero where
        the expressions are defined)."""
        for symbol, order, radicand in reversed(self.roots):
            names = context.names()
            where = names.index(generator_name(symbol))
            by_degree: dict[int, Any] = {}
            for monomial, coefficient in polynomial.to_dict().items():
                degree = int(monomial[where])
                rest = list(monomial)
                rest[where] = degree % order
                by_degree.setdefault(degree // order, {})[tuple(rest)] = coefficient
            if set(by_degree) <= {0}:
                continue
            top, bottom = self.quotient(radicand, context)
            highest = max(by_degree)
            polynomial = context.from_dict({})
            for power, terms in by_degree.items():
                polynomial += context.from_dict(terms) * top**power * bottom ** (highest - power)
        return polynomial

    def numerator(self, e: sp.Expr) -> tuple[Any, Any]:
        """The reduced numerator of ``e`` and its ring: ``e`` vanishes where the numerator does."""
        abstracted = self.abstract(e)
        context = self.context(abstracted)
        top, _ = self.quotient(abstracted, context)
        return self.reduce(top, context), context

    def vanishes(self, e: sp.Expr) -> bool:
        return bool(self.numerator(e)[0].is_zero())


def generator_name(s: sp.Symbol) -> str:
    """One name per symbol: equal names with different assumptions are different symbols (the last letter tells)."""
    if isinstance(s, sp.Dummy):
        return f"{s.name}_{s.dummy_index}#"
    kind = "n" if s.is_nonnegative else "z" if s.is_integer else "r"
    return f"{s.name}@{kind}"


def _quotient(e: sp.Expr, context: Any, ring: dict[str, Any], memo: dict[sp.Expr, Quotient]) -> Quotient:
    if e in memo:
        return memo[e]
    one = context.from_dict({(0,) * len(context.names()): 1})
    if e.is_Rational:
        found = (one * flint.fmpq(int(e.p), int(e.q)), one)
    elif e.is_Symbol:
        found = (ring[generator_name(e)], one)
    elif isinstance(e, sp.Add):
        found = _quotient(e.args[0], context, ring, memo)
        for part in e.args[1:]:
            found = _sum(found, _quotient(part, context, ring, memo))
    elif isinstance(e, sp.Mul):
        found = (one, one)
        for part in e.args:
            top, bottom = _quotient(part, context, ring, memo)
            found = (found[0] * top, found[1] * bottom)
    elif isinstance(e, sp.Pow) and e.exp.is_Integer:
        top, bottom = _quotient(e.base, context, ring, memo)
        power = int(e.exp)
        if power < 0 and top.is_zero():
            raise Rejected("normal.division", f"{e} divides by zero")
        found = (top**power, bottom**power) if power >= 0 else (bottom**-power, top**-power)
    else:
        raise TypeError(f"normal form: {e} is not rational in its generators")
    memo[e] = found
    return found


def _sum(left: Quotient, right: Quotient) -> Quotient:
    if left[1] == right[1]:
        return left[0] + right[0], left[1]
    common = left[1].gcd(right[1])
    a, b = left[1] / common, right[1] / common
    return left[0] * b + right[0] * a, left[1] * b
