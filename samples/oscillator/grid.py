"""A full grid: every damping with every frequency.

    maestro run samples/oscillator/oscillator.yaml --pgen samples/oscillator/grid.py --pargs damping:4

Runs unchanged under maestrowf, too.
"""

from itertools import product

from maestrowf.datastructures.core import ParameterGenerator


def get_custom_generator(env, **kwargs):
    """`env` is the env block of the specification, `kwargs` are the --pargs, all texts."""
    count = int(kwargs.get("damping", "3"))
    dampings = [round(0.2 * (i + 1), 3) for i in range(count)]
    frequencies = [env.find("SLOWEST").value, env.find("FASTEST").value]

    # Combination i takes the i-th value of each parameter, so a grid is written out row by row.
    rows = list(product(dampings, frequencies))
    generator = ParameterGenerator()
    generator.add_parameter("DAMPING", [damping for damping, _ in rows], "D.%%")
    generator.add_parameter("FREQUENCY", [frequency for _, frequency in rows], "F.%%")
    return generator
