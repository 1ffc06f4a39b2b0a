# Integrates the oscillator from x = 1 by the leapfrog method; prints `time damping frequency` once its energy has
# fallen to a millionth.
BEGIN {
    x = 1; v = 0; dt = 0.001
    energy = start = frequency * frequency / 2
    while (energy > 1e-6 * start && t < 1000) {
        v += dt / 2 * (-2 * damping * v - frequency * frequency * x)
        x += dt * v
        v = (v - dt / 2 * frequency * frequency * x) / (1 + damping * dt)
        t += dt
        energy = v * v / 2 + frequency * frequency * x * x / 2
    }
    printf "%8.3f  damping %-8s frequency %s\n", t, damping, frequency
}
