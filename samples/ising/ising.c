/*
 * The two-dimensional Ising model: spins on a square lattice with periodic borders, each of which wants to point
 * where its four neighbours point, while heat (temperature T, in units of the coupling) shakes them. Below the
 * critical temperature 2.269 the lattice stays magnetised; above it does not.
 *
 *     ising T SECONDS [--restart]
 *
 * spends SECONDS of running time on the temperature T and writes `T |m| spread sweeps` to magnetisation.txt. Every
 * half second, and when it is told to end (SIGTERM), it writes a checkpoint; with --restart it goes on from there.
 */
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIDE = 64, SPINS = SIDE * SIDE, SWEEPS_A_LOOK = 20 };

static const char CHECKPOINT[] = "ising.checkpoint";
static const double CHECKPOINT_SECONDS = 0.5;

/* All that a restart needs: nothing of a run lives anywhere else. */
struct run {
    double temperature;
    double seconds; /* running time spent so far, over all attempts */
    uint64_t random;
    long sweeps;
    double sum, sum_of_squares; /* of |m|, once a sweep */
    signed char spin[SPINS];
};

static volatile sig_atomic_t told_to_end;

static void on_term(int signal_number)
{
    (void)signal_number;
    told_to_end = 1;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Written beside and renamed: whoever reads the checkpoint finds a whole one, whenever we are stopped. */
static void save(const struct run *run)
{
    FILE *file = fopen("ising.checkpoint.new", "wb");
    if (!file || fwrite(run, sizeof *run, 1, file) != 1 || fclose(file)) fail("ising.checkpoint.new");
    if (rename("ising.checkpoint.new", CHECKPOINT)) fail(CHECKPOINT);
}

static void load(struct run *run)
{
    FILE *file = fopen(CHECKPOINT, "rb");
    if (!file || fread(run, sizeof *run, 1, file) != 1) fail(CHECKPOINT);
    fclose(file);
}

/* xorshift64*: small, and good enough for spins. */
static double uniform(struct run *run)
{
    uint64_t x = run->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    run->random = x;
    return (double)((x * 2685821657736338717ULL) >> 11) / 9007199254740992.0;
}

/* Metropolis: turn a spin if that costs no energy, else with the probability that heat gives it. */
static void sweep(struct run *run, const double *chance)
{
    signed char *s = run->spin;
    long total = 0;
    for (int y = 0; y < SIDE; y++) {
        const int up = (y + SIDE - 1) % SIDE * SIDE, down = (y + 1) % SIDE * SIDE;
        for (int x = 0; x < SIDE; x++) {
            const int here = y * SIDE + x;
            const int around = s[up + x] + s[down + x] + s[y * SIDE + (x + 1) % SIDE]
                + s[y * SIDE + (x + SIDE - 1) % SIDE];
            const int cost = s[here] * around;
            if (cost <= 0 || uniform(run) < chance[cost]) s[here] = -s[here];
            total += s[here];
        }
    }
    const double m = fabs((double)total / SPINS);
    run->sweeps++;
    run->sum += m;
    run->sum_of_squares += m * m;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: ising T SECONDS [--restart]\n");
        return 1;
    }
    static struct run run;
    if (count > 3 && !strcmp(arguments[3], "--restart")) {
        load(&run);
        printf("going on after %.1f s and %ld sweeps\n", run.seconds, run.sweeps);
    } else {
        run.temperature = atof(arguments[1]);
        run.random = 88172645463325252ULL;
        memset(run.spin, 1, SPINS);
    }
    const double budget = atof(arguments[2]);
    double chance[5];
    for (int cost = 0; cost < 5; cost++) chance[cost] = exp(-2 * cost / run.temperature);

    signal(SIGTERM, on_term);
    double then = now(), saved = run.seconds;
    while (run.seconds < budget) {
        for (int i = 0; i < SWEEPS_A_LOOK; i++) sweep(&run, chance);
        const double time = now();
        run.seconds += time - then;
        then = time;
        if (told_to_end || run.seconds - saved > CHECKPOINT_SECONDS) {
            save(&run);
            saved = run.seconds;
        }
        if (told_to_end) {
            printf("stopped after %.1f of %.1f s, %ld sweeps\n", run.seconds, budget, run.sweeps);
            return 1;
        }
    }

    const double mean = run.sum / run.sweeps;
    const double spread = sqrt(fmax(run.sum_of_squares / run.sweeps - mean * mean, 0));
    FILE *file = fopen("magnetisation.txt", "w");
    if (!file) fail("magnetisation.txt");
    fprintf(file, "%g %.5f %.5f %ld\n", run.temperature, mean, spread, run.sweeps);
    if (fclose(file)) fail("magnetisation.txt");
    printf("T = %g: |m| = %.5f after %ld sweeps\n", run.temperature, mean, run.sweeps);
    return 0;
}
