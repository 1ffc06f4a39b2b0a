# Draws lines of `r x` as a scatter plot in SVG.
function px(r) { return left + (r - rmin) / (rmax - rmin) * width }
function py(x) { return top + (1 - x) * height }

BEGIN {
    left = 50; top = 20; width = 720; height = 400; rmin = 2.8; rmax = 4
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 480\" font-family=\"sans-serif\" font-size=\"13\">"
    print "<rect width=\"800\" height=\"480\" fill=\"white\"/>"
    printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"gray\"/>\n", left, top, width, height
    for (i = 0; i <= 6; i++) {
        r = rmin + 0.2 * i
        printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.1f</text>\n", px(r), top + height + 20, r
    }
    for (i = 0; i <= 4; i++) printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.2f</text>\n", left - 8, py(i / 4) + 4, i / 4
    printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">growth rate r</text>\n", left + width / 2, top + height + 45
}

{ printf "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"0.9\" fill=\"steelblue\"/>\n", px($1), py($2) }

END { print "</svg>" }
