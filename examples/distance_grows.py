"""Why ½|θ − θ*|² is no Lyapunov function of RMSProp's or AdaGrad's flow: follow it from the refutation's point.

    python examples/distance_grows.py

f(x, y) = ½(x² − 4xy + 5y²) is strongly convex, with its minimum at the origin. From (3, 2) the gradient is (−1, 4):
dividing each coordinate by the root of its own memory makes both steps equally long, and moves the larger one away.
"""

import numpy as np

from adamtheory.flows import Loss, heredia_flow, solve
from adamtheory.methods import AdaGrad, RMSProp

HESSIAN = np.array([[1.0, -2.0], [-2.0, 5.0]])
loss = Loss(lambda x: float(x @ HESSIAN @ x / 2), lambda x: HESSIAN @ x, 2)
times = np.linspace(0, 1, 11)

for method in (RMSProp(lr="0.01", beta="0.99", eps="1e-8"), AdaGrad(lr="0.01", eps="1e-8")):
    until = 0.05 * times if method.name == "rmsprop" else 10 * times
    solved = solve(heredia_flow(method), loss, [3.0, 2.0], (0, until[-1]), save_at=until, rtol=1e-8)
    print(f"{method.name}\n   t    ½|θ − θ*|²   f − f*")
    for t, theta in zip(solved.t, solved.theta, strict=True):
        print(f"{t:5.3g}   {theta @ theta / 2:8.4f}   {loss.value(theta):8.4f}")
