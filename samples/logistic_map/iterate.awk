# Iterates x -> r x (1 - x): lets x settle, then prints `r x` for each new place that it visits.
BEGIN {
    x = 0.4
    for (i = 0; i < settle; i++) x = r * x * (1 - x)
    for (i = 0; i < keep; i++) {
        x = r * x * (1 - x)
        place = sprintf("%.4f", x)
        if (!(place in seen)) print r, place
        seen[place] = 1
    }
}
