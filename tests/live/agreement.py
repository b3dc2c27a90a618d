#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the krippendorff package of PyPI says of random answers, for tests/test_agreement.

agreement.py SEED: cases on stdout. A case is "case NAME VALUES" (comma-separated), a line
of answers a rater (. = missing), "alpha NOMINAL ORDINAL INTERVAL" (none = not defined).
tests/fixtures/agreement.txt is seed 8.
"""
import random
import sys
import warnings

import krippendorff
import numpy


def alpha(rows, values, level):
    data = [[numpy.nan if x is None else x for x in row] for row in rows]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = krippendorff.alpha(
                numpy.array(data, dtype=float), value_domain=values, level_of_measurement=level)
    except ValueError:  # nobody shares a unit, or there is one value alone
        return "none"
    return "none" if numpy.isnan(result) else repr(float(result))


def show(name, values, rows):
    print("case", name, ",".join(map(str, values)))
    for row in rows:
        print(" ".join("." if x is None else str(x) for x in row))
    print("alpha", *(alpha(rows, values, x) for x in ("nominal", "ordinal", "interval")))


def main():
    rng = random.Random(int(sys.argv[1]))
    print("# tests/live/agreement.py", sys.argv[1])
    for number in range(40):
        values = rng.choice([[1, 2, 3, 4, 5], list(range(11)), [1, 2, 3], [-5, 0, 1, 100]])
        units, missing, noise = rng.randint(3, 40), rng.random() * 0.8, rng.random()
        truth = [rng.choice(values) for _ in range(units)]
        rows = [[None if rng.random() < missing
                 else rng.choice(values) if rng.random() < noise else x for x in truth]
                for _ in range(rng.randint(2, 6))]
        show(f"random-{number}", values, rows)
    show("one-rater", [1, 2, 3], [[1, 2, 3]])
    show("all-equal", [1, 2, 3], [[2, 2, 2], [2, 2, 2]])
    show("shared-equal", [1, 2, 3], [[2, 2, 1], [2, 2, None]])
    show("all-missing", [1, 2, 3], [[None, None], [None, None]])
    show("nothing-shared", [1, 2, 3], [[1, None], [None, 2]])
    show("opposite", [1, 2], [[1, 2], [2, 1]])


main()
