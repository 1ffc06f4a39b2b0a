"""Stand-in for maestrowf.datastructures: see the package's own documentation."""
