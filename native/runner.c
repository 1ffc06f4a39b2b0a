/*
 * maestro-runner RECORDS CORES IN_FLIGHT starts local steps, waits for them and records how they ended.
 * PROTOCOL.md says what goes in and what comes out.
 *
 * One thread, one poll, no signal handlers. Each time round, whatever happened is dealt with in the same order:
 * reap what ended, keep the deadlines, start what fits, write the records. Memory for both records of a step is
 * set aside before its order is accepted, so that a step that runs can always be recorded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NEVER LLONG_MAX
#define LARGEST (LLONG_MAX / 4)  /* Of the numbers in commands: sums of a few do not overflow. */
#define COMMAND_MAX (64 * 1024)  /* Bytes; holds four paths of PATH_MAX with room to spare. */
#define TOKEN_MAX 200
#define RECORD_MAX 448           /* A token, nine numbers and a few words. */
#define RECORDS_RETRY 1000       /* Milliseconds until a full disk is tried again... */
#define RECORDS_PATIENCE (24LL * 3600 * 1000) /* ...and after the last step: a day, then nobody will mend it. */
#define START_RETRY 10           /* A script still open for writing, a full process table: these pass in moments... */
#define START_PATIENCE 2000      /* ...or they are faults. */
#define KILL_PATIENCE 10000      /* Until what was killed, and is still there, is given up: its disk hangs, say. */

typedef long long Millis;

/* A step, from its order to the record of its end. */
typedef struct Step {
  struct Step *next;
  enum { QUEUED, RUNNING, TERMINATED, KILLED, ABANDONED } phase;
  Millis deadline;      /* Monotonic. Queued: when to give up starting it. Then: when its next signal is due. */
  Millis walltime, grace;
  long long cores;
  const char *why;      /* "-", "walltime" or "cancelled". */
  pid_t pid;
  bool leader_gone;     /* Reaped, with this status and usage; others of its group may live on. */
  int status;
  struct rusage usage;
  const char *token, *gpus, *directory, *script, *output; /* All in text. */
  char text[];
} Step;

static Step *queue, **queue_end = &queue, *running;
static long long capacity, in_flight, cores_used, steps_running;
static Millis start_retry; /* No start before this. */

static int signals, nothing; /* SIGCHLD's descriptor; /dev/null, which is every step's standard input. */
static bool commands_open = true, conductor_listens = true, memory_short;
static int exit_code;

/* Records that one of their two readers lacks. */
static struct {
  int file;
  char *bytes;
  size_t length, room;
  size_t owed;         /* Records still to come, for which there is room. */
  size_t filed, told;  /* Bytes that are in the file, and on standard output. */
  bool torn;           /* The file may end in part of a line. */
  Millis retry;        /* Not written to the file before this. */
} records;

static char **environment; /* [0] is MAESTRO_ATTEMPT, [devices] CUDA_VISIBLE_DEVICES or the end. */
static size_t devices;
static char *inherited_devices;

static Millis clock_millis(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (Millis)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}
static Millis now(void) { return clock_millis(CLOCK_MONOTONIC); }
static Millis date(void) { return clock_millis(CLOCK_REALTIME); }
static Millis least(Millis a, Millis b) { return a < b ? a : b; }

static _Noreturn void die(const char *what) {
  fprintf(stderr, "maestro-runner: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* What follows a command that is not understood cannot be trusted to be one. What runs is still recorded. */
static void refuse(const char *why) {
  fprintf(stderr, "maestro-runner: %s; no further commands are read\n", why);
  commands_open = false;
  exit_code = 1;
}

/* ---- Records */

/* Sets room aside for that many records; false where memory is short. */
static bool owe(size_t count) {
  size_t needed = records.length + (records.owed + count) * RECORD_MAX;
  if (needed > records.room) {
    char *bytes = realloc(records.bytes, needed * 2);
    if (bytes == NULL) return false;
    records.bytes = bytes;
    records.room = needed * 2;
  }
  records.owed += count;
  return true;
}

/* Adds a record that was owed. */
__attribute__((format(printf, 1, 2))) static void record(const char *format, ...) {
  va_list fields;
  va_start(fields, format);
  records.length += (size_t)vsnprintf(records.bytes + records.length, RECORD_MAX, format, fields);
  records.owed--;
  va_end(fields);
}

static void tell_conductor(void) {
  while (conductor_listens && records.told < records.length) {
    ssize_t count = write(STDOUT_FILENO, records.bytes + records.told, records.length - records.told);
    if (count >= 0) records.told += (size_t)count;
    else if (errno == EAGAIN || errno == EINTR) return;
    else conductor_listens = false;
  }
}

/* A record that was cut short is written again whole, on a line of its own: the torn part, which another runner's
   records may already follow, counts as junk. */
static void write_file(void) {
  size_t unfiled = records.length - records.filed;
  bool on_new_line = !records.torn || write(records.file, "\n", 1) == 1;
  ssize_t count = on_new_line ? write(records.file, records.bytes + records.filed, unfiled) : -1;
  if (on_new_line) records.torn = count > 0 && (size_t)count < unfiled;
  if (count > 0) records.filed += (size_t)count;
  while (records.filed > 0 && records.bytes[records.filed - 1] != '\n') records.filed--;
  records.retry = records.filed < records.length ? now() + RECORDS_RETRY : 0;
}

static void write_records(void) {
  bool listened = conductor_listens, due = records.filed < records.length && now() >= records.retry;
  tell_conductor();
  if (!conductor_listens) records.told = records.length;
  if (due) write_file();
  if (!conductor_listens && (due || listened)) fdatasync(records.file); /* Before, the conductor's journal was it. */
  size_t done = records.filed < records.told ? records.filed : records.told;
  records.length -= done;
  records.filed -= done;
  records.told -= done;
  if (done > 0) memmove(records.bytes, records.bytes + done, records.length);
}

/* The names of errors that a start may meet; the number of any other. */
static const char *error_name(int error) {
  static char number[16];
#define NAME(error) case error: return #error;
  switch (error) {
    NAME(E2BIG) NAME(EACCES) NAME(EAGAIN) NAME(EDQUOT) NAME(EFAULT) NAME(EINVAL) NAME(EIO) NAME(EISDIR) NAME(ELOOP)
    NAME(EMFILE) NAME(ENAMETOOLONG) NAME(ENFILE) NAME(ENOENT) NAME(ENOEXEC) NAME(ENOMEM) NAME(ENOSPC) NAME(ENOTDIR)
    NAME(EPERM) NAME(EROFS) NAME(ESTALE) NAME(ETIMEDOUT) NAME(ETXTBSY)
  }
  snprintf(number, sizeof number, "%d", error);
  return number;
}

/* ---- Starting */

typedef struct {
  const char *stage;
  int error; /* 0: none. */
} Failure;

/* An earlier attempt may have had the same pid, hence the same file: what is there is kept. */
static int open_output(const char *name, bool *created) {
  int file = open(name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  *created = file >= 0;
  return file < 0 && errno == EEXIST ? open(name, O_WRONLY | O_APPEND | O_CLOEXEC) : file;
}

/* Turns the child into the step. It borrows the runner's memory until then: it only makes system calls. */
static _Noreturn void become(const Step *step, Failure *failure) {
  char out_name[PATH_MAX], err_name[PATH_MAX];
  bool created_out = false, created_err = false;
  int out, err;
  sigset_t none;

  setsid();
  failure->stage = "directory";
  if (chdir(step->directory) != 0) goto failed;
  failure->stage = "output";
  errno = ENAMETOOLONG;
  if (snprintf(out_name, sizeof out_name, "%s.%d.out", step->output, (int)getpid()) >= PATH_MAX) goto failed;
  if (snprintf(err_name, sizeof err_name, "%s.%d.err", step->output, (int)getpid()) >= PATH_MAX) goto failed;
  if ((out = open_output(out_name, &created_out)) < 0) goto failed;
  if ((err = open_output(err_name, &created_err)) < 0) goto failed;
  if (dup2(nothing, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) goto failed;
  failure->stage = "script";
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(step->script, (char *[]){(char *)step->script, NULL}, environment);
failed:
  failure->error = errno;
  if (created_out) unlink(out_name);
  if (created_err) unlink(err_name);
  _exit(127);
}

/* Returns once the step's script runs, or cannot. */
static Failure spawn(Step *step) {
  static char attempt[TOKEN_MAX + 32], gpus[COMMAND_MAX + 32];
  snprintf(attempt, sizeof attempt, "MAESTRO_ATTEMPT=%s", step->token);
  snprintf(gpus, sizeof gpus, "CUDA_VISIBLE_DEVICES=%s", step->gpus);
  environment[0] = attempt;
  environment[devices] = *step->gpus != '\0' ? gpus : inherited_devices;

  static Failure failure;
  failure = (Failure){.stage = "process", .error = 0};
  step->pid = vfork();
  if (step->pid == 0) become(step, &failure);
  if (step->pid < 0) failure.error = errno;
  else if (failure.error != 0) waitpid(step->pid, NULL, 0);
  return failure;
}

/* Whether to try again later. Nothing overtakes the step meanwhile. */
static bool may_pass(Step *step, int error) {
  if (error != ETXTBSY && error != EAGAIN && error != ENOMEM && error != EMFILE && error != ENFILE) return false;
  if (step->deadline == NEVER) step->deadline = now() + START_PATIENCE;
  if (now() >= step->deadline) return false;
  start_retry = now() + START_RETRY;
  return true;
}

static Step *leave_queue(Step **link) {
  Step *step = *link;
  *link = step->next;
  if (*link == NULL) queue_end = link;
  return step;
}

/* Of a step that was not started there is one record, not two. */
static void forget(Step *step) {
  records.owed--;
  free(step);
}

static void drop(Step **link) {
  Step *step = leave_queue(link);
  record("dropped %s %lld\n", step->token, date());
  forget(step);
}

static bool first_fits(void) {
  if (queue == NULL || capacity == 0 || (in_flight > 0 && steps_running >= in_flight)) return false;
  return steps_running == 0 || cores_used + queue->cores <= capacity;
}

static void start_what_fits(void) {
  while (first_fits() && now() >= start_retry) {
    Step *step = queue;
    Failure failure = spawn(step);
    if (failure.error != 0 && may_pass(step, failure.error)) return;
    leave_queue(&queue);
    if (failure.error != 0) {
      record("failed %s %lld %s %s\n", step->token, date(), error_name(failure.error), failure.stage);
      forget(step);
      continue;
    }
    record("started %s %d %lld\n", step->token, (int)step->pid, date());
    step->phase = RUNNING;
    step->deadline = step->walltime > 0 ? now() + step->walltime : NEVER;
    step->next = running;
    running = step;
    steps_running++;
    cores_used += step->cores;
  }
}

/* ---- Ending */

static void reap(void) {
  int status;
  struct rusage usage;
  pid_t pid;
  while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
    Step *step = running;
    while (step != NULL && (step->pid != pid || step->leader_gone)) step = step->next;
    if (step == NULL) continue; /* Left behind by a step. */
    step->leader_gone = true;
    step->status = status;
    step->usage = usage;
  }
}

/* The first reason stands; the shorter grace counts. */
static void terminate(Step *step, const char *why, Millis grace) {
  if (step->phase == RUNNING) {
    step->phase = TERMINATED;
    step->why = why;
    step->deadline = NEVER;
    kill(-step->pid, SIGTERM);
    kill(-step->pid, SIGCONT); /* What is stopped takes its SIGTERM only when it goes on. */
  }
  if (step->phase == TERMINATED) step->deadline = least(step->deadline, now() + grace);
}

static void keep_deadline(Step *step) {
  if (step->phase == RUNNING && now() >= step->deadline) terminate(step, "walltime", step->grace);
  if (now() < step->deadline) return;
  if (step->phase == TERMINATED) {
    step->phase = KILLED;
    step->deadline = now() + KILL_PATIENCE;
    kill(-step->pid, SIGKILL);
  } else {
    step->phase = ABANDONED;
    step->deadline = NEVER;
  }
}

/* A step that ends by itself may leave processes behind: its own choice. One that was told to end is over when its
   whole group is: a shell dies of SIGTERM at once, while the simulation that it started writes its checkpoint. */
static bool is_over(const Step *step) {
  if (!step->leader_gone) return false;
  return step->phase == RUNNING || step->phase == ABANDONED || (kill(-step->pid, 0) != 0 && errno == ESRCH);
}

static Millis millis(struct timeval time) { return (Millis)time.tv_sec * 1000 + time.tv_usec / 1000; }

static void end_step(Step *step) {
  bool exited = WIFEXITED(step->status);
  record("ended %s %lld %s %d %lld %lld %ld %s\n", step->token, date(), exited ? "exit" : "signal",
         exited ? WEXITSTATUS(step->status) : WTERMSIG(step->status), millis(step->usage.ru_utime),
         millis(step->usage.ru_stime), step->usage.ru_maxrss, step->why);
  steps_running--;
  cores_used -= step->cores;
  free(step);
}

static void end_what_is_over(void) {
  for (Step **link = &running; *link != NULL;) {
    Step *step = *link;
    if (!is_over(step)) keep_deadline(step);
    if (!is_over(step)) {
      link = &step->next;
      continue;
    }
    *link = step->next;
    end_step(step);
  }
}

/* ---- Commands */

/* A number from 0 up, or -1. */
static long long number(const char *text) {
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && value <= LARGEST ? value : -1;
}

static bool is_token(const char *text) {
  size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
  return length > 0 && length <= TOKEN_MAX && text[length] == '\0';
}

/* Each is given the fields of a command, which lie one after the other, and their size; it returns what is wrong
   with them, or NULL. */
static const char *take_start(const char **field, size_t size) {
  long long cores = number(field[1]);
  Millis walltime = number(field[3]), grace = number(field[4]);
  if (!is_token(field[0])) return "start: not a token";
  if (cores < 0 || walltime < 0 || grace < 0) return "start: not a number";
  Step *step = malloc(sizeof *step + size);
  memory_short = step == NULL || !owe(2);
  if (memory_short) {
    free(step);
    return NULL;
  }
  *step = (Step){.deadline = NEVER, .walltime = walltime, .grace = grace, .cores = cores, .why = "-"};
  char *text = memcpy(step->text, field[0], size);
  step->token = text;
  step->gpus = text + (field[2] - field[0]);
  step->directory = text + (field[5] - field[0]);
  step->script = text + (field[6] - field[0]);
  step->output = text + (field[7] - field[0]);
  *queue_end = step;
  queue_end = &step->next;
  return NULL;
}

static const char *take_cancel(const char **field, size_t size) {
  (void)size;
  Millis grace = number(field[1]);
  if (grace < 0) return "cancel: not a number";
  for (Step *step = running; step != NULL; step = step->next)
    if (strcmp(step->token, field[0]) == 0) terminate(step, "cancelled", grace);
  Step **link = &queue;
  while (*link != NULL && strcmp((*link)->token, field[0]) != 0) link = &(*link)->next;
  if (*link != NULL) drop(link);
  return NULL; /* What has ended meanwhile needs no cancelling. */
}

static const char *take_capacity(const char **field, size_t size) {
  (void)size;
  if (number(field[0]) < 0 || number(field[1]) < 0) return "capacity: not a number";
  capacity = number(field[0]);
  in_flight = number(field[1]);
  return NULL;
}

static const struct {
  const char *name;
  size_t fields;
  const char *(*take)(const char **field, size_t size);
} COMMANDS[] = {{"start", 8, take_start}, {"cancel", 2, take_cancel}, {"capacity", 2, take_capacity}};

/* Carries out the command at the beginning of the text. The bytes it had, or 0 where it must wait: for the rest of
   it, or for memory. */
static size_t take_command(const char *text, size_t length) {
  const char *field[9];
  size_t fields = 0, kind = 0, kinds = sizeof COMMANDS / sizeof *COMMANDS;
  if (memchr(text, '\0', length) == NULL) return 0;
  while (kind < kinds && strcmp(text, COMMANDS[kind].name) != 0) kind++;
  if (kind == kinds) {
    refuse("unknown command");
    return 0;
  }
  const char *next = text, *end = text + length;
  while (fields <= COMMANDS[kind].fields) {
    field[fields++] = next;
    next = memchr(next, '\0', (size_t)(end - next));
    if (next++ == NULL) return 0;
  }
  const char *wrong = COMMANDS[kind].take(field + 1, (size_t)(next - field[1]));
  if (wrong != NULL) refuse(wrong);
  return memory_short ? 0 : (size_t)(next - text);
}

static void take_commands(bool may_read) {
  static char input[COMMAND_MAX];
  static size_t length;
  ssize_t count = may_read ? read(STDIN_FILENO, input + length, sizeof input - length) : 0;
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) length += (size_t)count;
  memory_short = false;
  size_t taken = 0, size;
  while (commands_open && (size = take_command(input + taken, length - taken)) > 0) taken += size;
  length -= taken;
  memmove(input, input + taken, length);
  if (may_read && count <= 0) commands_open = false; /* A command cut short: its writer did not live to end it. */
  if (length == sizeof input && !memory_short) refuse("a command is longer than 64 KiB");
}

/* ---- Life */

/* Returns when something has happened, or the next deadline has come. */
static void await_event(void) {
  Millis wake = memory_short ? now() + RECORDS_RETRY : NEVER;
  for (const Step *step = running; step != NULL; step = step->next) wake = least(wake, step->deadline);
  if (records.filed < records.length) wake = least(wake, records.retry);
  if (first_fits()) wake = least(wake, start_retry);
  Millis wait = wake - now();
  int timeout = wake == NEVER ? -1 : wait < 0 ? 0 : (int)least(wait, INT_MAX);

  struct pollfd events[] = {
      {.fd = commands_open && !memory_short ? STDIN_FILENO : -1, .events = POLLIN},
      {.fd = conductor_listens ? STDOUT_FILENO : -1, .events = records.told < records.length ? POLLOUT : 0},
      {.fd = signals, .events = POLLIN}};
  poll(events, 3, timeout);
  struct signalfd_siginfo ended; /* wait4 knows more. */
  while (read(signals, &ended, sizeof ended) > 0) continue;
  if (events[1].revents & (POLLERR | POLLHUP | POLLNVAL)) {
    conductor_listens = false;
    fdatasync(records.file);
  }
  if (events[0].revents != 0 || memory_short) take_commands(!memory_short);
}

/* A step gets the runner's environment, but for the two variables that are its own. */
static void prepare_environment(char **inherited) {
  size_t count = 0;
  while (inherited[count] != NULL) count++;
  environment = calloc(count + 3, sizeof *environment);
  if (environment == NULL) die("environment");
  devices = 1;
  for (char **entry = inherited; *entry != NULL; entry++) {
    if (strncmp(*entry, "CUDA_VISIBLE_DEVICES=", 21) == 0) inherited_devices = *entry;
    else if (strncmp(*entry, "MAESTRO_ATTEMPT=", 16) != 0) environment[devices++] = *entry;
  }
}

/* All signals are blocked, so that SIGKILL alone ends a runner; steps begin with none blocked and none ignored. */
static void prepare_signals(void) {
  sigset_t all, child;
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) die("signalfd");
}

static void prepare_descriptors(const char *file) {
  do nothing = open("/dev/null", O_RDWR | O_CLOEXEC); /* Fills a standard descriptor that came closed, too. */
  while (nothing >= 0 && nothing <= STDERR_FILENO);
  if (nothing < 0) die("/dev/null");
#ifdef SYS_close_range
  syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */); /* What leaked in here does not leak on. */
#endif
  fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
  records.file = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (records.file < 0) die(file);
  char last = '\n';
  if (pread(records.file, &last, 1, lseek(records.file, 0, SEEK_END) - 1) == 1) records.torn = last != '\n';
}

static void read_first_line(const char *name, char *line, int size) {
  FILE *file = fopen(name, "re");
  if (file == NULL || fgets(line, size, file) == NULL) *line = '\0';
  if (file != NULL) fclose(file);
  line[strcspn(line, "\n")] = '\0';
}

/* A pid, the time when its process started and the boot name a process for ever. */
static void record_runner(void) {
  char line[1024], boot[64];
  read_first_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
  read_first_line("/proc/self/stat", line, sizeof line);
  const char *field = strrchr(line, ')'); /* The end of field 2; the start is field 22. */
  for (int i = 2; field != NULL && i < 22; i++) field = strchr(field + 1, ' ');
  if (!owe(2)) die("records"); /* This and `closing`. */
  record("runner %d %lld %s %lld\n", (int)getpid(), field ? atoll(field) : 0, *boot ? boot : "-", date());
}

static void close_queue(void) {
  record("closing %lld\n", date());
  while (queue != NULL) drop(&queue);
}

/* Nothing is left to start, to wait for, to write and to tell; or there is no hope of writing it. */
static bool is_done(void) {
  static Millis patience_ends;
  if (commands_open || running != NULL) return false;
  if (records.length == 0) return true;
  if (patience_ends == 0) patience_ends = now() + RECORDS_PATIENCE;
  if (now() >= patience_ends) exit_code = 1;
  return now() >= patience_ends;
}

int main(int count, char **arguments) {
  if (count != 4 || (capacity = number(arguments[2])) < 0 || (in_flight = number(arguments[3])) < 0) {
    fprintf(stderr, "usage: maestro-runner RECORDS CORES IN_FLIGHT\n");
    return 1;
  }
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1); /* So that the end of a step's whole group is an event here. */
  prepare_signals();
  prepare_descriptors(arguments[1]);
  prepare_environment(environ);
  record_runner();

  for (bool closed = false;; await_event()) {
    reap();
    end_what_is_over();
    if (commands_open) start_what_fits();
    else if (!closed) close_queue();
    closed = !commands_open;
    write_records();
    if (is_done()) return exit_code;
  }
}
