"""Reads lines of `T |m| spread sweeps` from standard input; writes them as a table and as a picture in SVG.

    gather.py TABLE.csv PICTURE.svg

The curve in the picture is what theory says of an endless lattice.
"""

import csv
import math
import sys

CRITICAL = 2 / math.log(1 + math.sqrt(2))
LEFT, TOP, WIDTH, HEIGHT = 60, 20, 500, 320
COLDEST, HOTTEST = 1.0, 4.0


def theory(t):
    """The magnetisation of an endless lattice (Onsager and Yang)."""
    return (1 - math.sinh(2 / t) ** -4) ** 0.125 if t < CRITICAL else 0.0


def x(t):
    return LEFT + (t - COLDEST) / (HOTTEST - COLDEST) * WIDTH


def y(m):
    return TOP + (1 - m) * HEIGHT


def picture(rows):
    temperatures = [COLDEST + i * 0.001 for i in range(int((HOTTEST - COLDEST) * 1000) + 1)]
    curve = " ".join("%.1f,%.1f" % (x(t), y(theory(t))) for t in temperatures)
    yield '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400" font-family="sans-serif" font-size="13">'
    yield '<rect width="600" height="400" fill="white"/>'
    yield '<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="gray"/>' % (LEFT, TOP, WIDTH, HEIGHT)
    for t in (1, 1.5, 2, 2.5, 3, 3.5, 4):
        yield '<text x="%.1f" y="%d" text-anchor="middle">%g</text>' % (x(t), TOP + HEIGHT + 20, t)
    for m in (0, 0.25, 0.5, 0.75, 1):
        yield '<text x="%d" y="%.1f" text-anchor="end">%g</text>' % (LEFT - 8, y(m) + 4, m)
    yield '<text x="%d" y="%d" text-anchor="middle">temperature T</text>' % (LEFT + WIDTH / 2, TOP + HEIGHT + 45)
    yield '<text x="%d" y="%d">magnetisation |m|</text>' % (LEFT + 10, TOP + HEIGHT - 10)
    yield '<polyline points="%s" fill="none" stroke="silver" stroke-width="2"/>' % curve
    for t, m, spread, _ in rows:
        top, bottom = min(m + spread, 1), max(m - spread, 0)
        yield '<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="steelblue"/>' % (x(t), x(t), y(top), y(bottom))
        yield '<circle cx="%.1f" cy="%.1f" r="4" fill="steelblue"/>' % (x(t), y(m))
    yield "</svg>"


def main(table, image):
    rows = sorted(tuple(map(float, line.split())) for line in sys.stdin)
    if not rows:
        sys.exit("gather.py: no results came in")
    with open(table, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["temperature", "magnetisation", "spread", "sweeps", "theory"])
        for t, m, spread, sweeps in rows:
            writer.writerow([t, m, spread, int(sweeps), round(theory(t), 5)])
            print("T = %-5g |m| = %.3f  (theory %.3f)" % (t, m, theory(t)))
    with open(image, "w") as file:
        file.write("\n".join(picture(rows)) + "\n")


main(*sys.argv[1:])
