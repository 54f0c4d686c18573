static double log_ratio(double x, double y, double decay)
{   /* log(x y/decay) for numbers >= 0, also where x y is decay but for rounding: the product has double length. */
    int i, j, k;
    double product, error;
    if (x == 0.0 || y == 0.0) return -INFINITY;
    if (decay == 0.0) return INFINITY;
    x = frexp(x, &i);
    y = frexp(y, &j);
    decay = frexp(decay, &k);
    product = x * y;
    error = fma(x, y, -product);
    k = i + j - k;
    if (product < 0.35 * decay) { product *= 4.0; error *= 4.0; k -= 2; }
    else if (product < 0.7 * decay) { product *= 2.0; error *= 2.0; k -= 1; }
    else if (product > 1.4 * decay) { product *= 0.5; error *= 0.5; k += 1; }
    return log1p(((product - decay) + error) / decay) + k * 0.6931471805599453;
}

static double power(double x, double rate, double count)
{   /* x^(rate count) for 0 <= x <= 1; 1 at rate = 0, although count may be infinite. */
    return rate == 0.0 || x == 1.0 ? 1.0 : pow(x, rate * count);
}

static double one_minus_power(double x, double count)
{   /* 1 - x^count for 0 <= x < 1 and count > 0. */
    return x > 0.0 ? -expm1(count * log(x)) : 1.0;
}

static double powers(double ratio, double n, double *scale)
{   /* r + r^2 + ... + r^n with r = exp(ratio), as a mantissa times exp(*scale). */
    double size = fabs(ratio);
    *scale = 0.0;
    if (n <= 0.0) return 0.0;
    if (ratio == 0.0) { *scale = isinf(n) ? n : 0.0; return isinf(n) ? 1.0 : n; }
    *scale = ratio < 0.0 ? ratio : n * ratio;
    return expm1(-n * size) / expm1(-size);
}

static double largest_of_one(double n, double weight, double decay, double amplitude, double pole)
{   /* The largest |amplitude (x_n + pole x_(n-1) + ...)|/sqrt(weight (x_n^2 + decay x_(n-1)^2 + ...)). */
    double scale, mantissa = powers(log_ratio(pole, pole, decay), n, &scale);
    double top = fmax(scale, 0.0), grown = exp(top / 4.0);
    if (amplitude == 0.0) return 0.0;
    if (isinf(top)) return INFINITY;
    return fabs(amplitude) / sqrt(weight) * sqrt(exp(-top) + mantissa * exp(scale - top)) * grown * grown;
}

static double largest(double n, double weight, double decay, double direct,
                      int count, const double *amplitudes, const double *poles)
{   /* The same with several poles, and direct times x_n added to the numerator. */
    int i, k, pass;
    double size = fabs(direct), newest, top = 0.0, total = 0.0, grown;
    for (i = 0; i < count; i++) size = fmax(size, fabs(amplitudes[i]));
    if (size == 0.0) return 0.0;
    newest = direct / size;
    for (i = 0; i < count; i++) newest += amplitudes[i] / size;
    for (pass = 0; pass < 2; pass++) {  /* first the largest scale, then the sum */
        if (pass) total = newest * newest * exp(-top);
        for (i = 0; i < count; i++) {
            for (k = 0; k <= i; k++) {
                double scale, mantissa = powers(log_ratio(poles[i], poles[k], decay), n, &scale);
                if (amplitudes[i] == 0.0 || amplitudes[k] == 0.0 || mantissa == 0.0) continue;
                scale += log(fabs(amplitudes[i])) - log(size) + (log(fabs(amplitudes[k])) - log(size));
                mantissa *= copysign(i == k ? 1.0 : 2.0, amplitudes[i]) * copysign(1.0, amplitudes[k]);
                if (pass) total += mantissa * exp(scale - top);
                else top = fmax(top, scale);
            }
        }
        if (isinf(top)) return INFINITY;
    }
    grown = exp(top / 4.0);
    return size / sqrt(weight) * sqrt(fmax(total, 0.0)) * grown * grown;
}

static double total(double n, double direct, double amplitude, double pole)
{   /* |direct + amplitude| + |amplitude| (pole + pole^2 + ... + pole^n). */
    double scale, mantissa = powers(log(pole), n, &scale);
    return fabs(direct + amplitude) + (amplitude == 0.0 ? 0.0 : fabs(amplitude) * mantissa * exp(scale));
}

static double largest_below_maximum(double n, double decay, double pole)
{   /* The largest |m_n|/sqrt(max(v_0, ..., v_n)) of moving averages with the factors pole (m) and decay (v).
       Up to the step settled it grows as without the maximum, afterwards it decays to 1.  A step too early or too late
       changes the value to second order only, so rounding in settled does no harm. */
    double settled = n, ratio = log_ratio(pole, pole, decay), count = 1.0, excess, at_settled;
    if (pole > decay) {
        if (decay != 0.0 && ratio == 0.0) {
            count = (decay / pole) * (decay / pole) / (1.0 - decay);
        } else if (decay != 0.0) {
            excess = fabs(ratio) < 1.0 ? -expm1(-ratio) : (pole - decay / pole) / pole;
            excess = decay * excess / (1.0 - decay);
            if (excess > -0.5) count = log1p(excess) / ratio;
            else count = log((pole - decay) / pole * ((pole + decay) / pole) / (1.0 - decay)) / ratio;
        }
        settled = fmin(n, fmax(0.0, ceil(count - 1.0)));
    }
    at_settled = largest_of_one(settled, 1.0 - decay, decay, 1.0 - pole, pole);
    if (settled == n) return at_settled;
    return one_minus_power(pole, n - settled) + pow(pole, n - settled) * at_settled;
}

static double log_product(double factor, double share, double log_power, double count)
{   /* log of the product of factor (1 - share exp(log_power t)) over t = 1, ..., count; log_power <= 0, share <= 1/2.
       The logarithms' power series, summed over t term by term: 55 geometric sums, for any count. */
    int i;
    double coefficient = 1.0, result = count > 0.0 ? count * log(factor) : 0.0;
    double base = exp(log_power), rest = -expm1(log_power);
    double whole = exp(count * log_power), whole_rest = -expm1(count * log_power);
    double x = base, y = whole, power = rest, power_rest = whole_rest;  /* base^i, whole^i, and 1 minus these */
    for (i = 1; i < 56; i++) {
        coefficient *= share;
        result -= coefficient / i * (rest == 0.0 ? count : x * power_rest / power);
        power += x * rest;
        power_rest += y * whole_rest;
        x *= base;
        y *= whole;
    }
    return result;
}

static double log_kept(double lr, double weight_decay)
{   /* log |1 - lr weight_decay|; the product has double length, so it is right where that is near 0, 1 or -1. */
    double product = lr * weight_decay, error = fma(lr, weight_decay, -product);
    if (product <= 0.5) return log1p(-product) - error / (1.0 - product);
    if (product >= 1.5) return log1p((product - 2.0) + error);
    return log(fabs((1.0 - product) - error));
}

static double geometric(double log_ratio, double n)
{   /* 1 + r + ... + r^(n - 1) with r = exp(log_ratio). */
    if (n <= 0.0) return 0.0;
    return log_ratio == 0.0 ? n : expm1(n * log_ratio) / expm1(log_ratio);
}

static double iterate(double n, double largest_update, double lr, double start, double weight_decay)
{   /* r^N start + lr largest_update (1 + r + ... + r^(N - 1)), r = |1 - lr weight_decay|, N = n + 1 steps. */
    double kept = log_kept(lr, weight_decay), moved = lr * largest_update, held = 0.0;
    n += 1.0;
    if (n <= 0.0) return start;
    if (start != 0.0) held = start * exp(kept != 0.0 ? n * kept : 0.0);
    return held + (moved != 0.0 ? moved * geometric(kept, n) : 0.0);
}

static double norm_growth(double n, double gamma, double initial, double lr, double update_squared,
                          double weight_decay)
{   /* d^(2N) initial + lr^2 update_squared sum over k < N of d^(2(N-1-k)) (1 + 2 x (1 + x + ... + x^(k-1))), with
       d = 1 - lr weight_decay, x = gamma d, N = n + 1.  The double sum is built up by doubling N: nothing cancels. */
    double kept = log_kept(lr, weight_decay), both = log(gamma) + kept, step = lr * lr * update_squared;
    double nested = 0.0, crossed = 0.0, held = exp(2.0 * kept), m = 0.0;
    int bit;
    n += 1.0;
    if (n <= 0.0) return initial;
    if (isinf(n)) {
        if (kept == 0.0) return step > 0.0 ? INFINITY : initial;
        return step * (1.0 + exp(both)) / (expm1(both) * expm1(2.0 * kept));
    }
    frexp(n, &bit);
    for (bit -= 1; bit >= 0; bit--) {
        double far = m > 0.0 ? exp(2.0 * kept * m) : 1.0, near = m > 0.0 ? exp(both * m) : 1.0;
        nested = nested * (1.0 + far) + geometric(both, m) * crossed;
        crossed *= far + near;
        m *= 2.0;
        if (floor(ldexp(n, -bit)) > m) {
            nested = held * nested + geometric(both, m);
            crossed = held * crossed + (m > 0.0 ? exp(both * m) : 1.0);
            m += 1.0;
        }
    }
    return exp(2.0 * kept * n) * initial + step * (geometric(2.0 * kept, n) + 2.0 * exp(both) * nested);
}
