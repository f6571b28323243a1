/* Preloaded into a process (LD_PRELOAD): the nth call of one kind fails, or ends the process before or after it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, SYNC, LINK, CREATE, CHMOD, UNLINK, SEND, MKDIR, RMDIR, RENAME, READ };

/* In the place of an errno: SIGKILL, or no answer until there is another plan. */
enum { KILL_BEFORE = -1, KILL_AFTER = -2, HOLD = -3 };

/* Shared with the test, which sets the first three and reads the others; it outlives the process. */
static volatile struct { int kind, nth, error, seen, failed, unused; long long sent; } *plan;

__attribute__((constructor)) static void begin(void) {
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  const char *path = getenv("FAULTS");
  int fd = path ? real(path, O_RDWR) : -1;
  void *shared = fd < 0 ? MAP_FAILED : mmap(0, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) plan = shared;
}

static void die(void) { kill(getpid(), SIGKILL); }

/* What this call comes to: 0: nothing, above it: an errno, below it: it is the last one. */
static int fate(enum kind kind) {
  if (!plan || plan->kind != (int)kind) return 0;
  if (__atomic_add_fetch(&plan->seen, 1, __ATOMIC_SEQ_CST) != plan->nth) return 0;
  __atomic_add_fetch(&plan->failed, 1, __ATOMIC_SEQ_CST);
  if (plan->error == KILL_BEFORE) die();
  if (plan->error != HOLD) return plan->error;
  while (plan->error == HOLD) usleep(1000);
  return 0;
}

/* A regular file or a directory that was opened to be written or synced: no pipe, no socket. */
static int is_file(int fd) {
  struct stat there;
  return fstat(fd, &there) == 0 && (S_ISREG(there.st_mode) || S_ISDIR(there.st_mode));
}

#define REAL(type, name, parameters) static type (*real) parameters; if (!real) real = dlsym(RTLD_NEXT, #name)
#define DOOMED(type, call, what) \
  int doom = what; \
  if (doom > 0) return errno = doom, -1; \
  type result = call; \
  if (doom == KILL_AFTER) die();
#define FAILING(type, name, parameters, arguments, what) \
  type name parameters { REAL(type, name, parameters); DOOMED(type, real arguments, what) return result; }
#define ON_FILE(kind) is_file(fd) ? fate(kind) : 0

FAILING(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), ON_FILE(WRITE))
FAILING(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t at), (fd, b, n, at), ON_FILE(WRITE))
FAILING(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t at), (fd, b, n, at), ON_FILE(WRITE))
FAILING(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), ON_FILE(WRITE))
FAILING(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at), ON_FILE(WRITE))
FAILING(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at), ON_FILE(WRITE))
/* Node itself reads small files (package.json) and what it runs, the latter without a position. */
enum { LARGEST_OF_NODE = 65536 };
static int is_large(int fd) {
  struct stat there;
  return fstat(fd, &there) == 0 && S_ISREG(there.st_mode) && there.st_size > LARGEST_OF_NODE;
}
#define ON_LARGE_FILE is_large(fd) ? fate(READ) : 0
FAILING(ssize_t, pread, (int fd, void *b, size_t n, off_t at), (fd, b, n, at), ON_LARGE_FILE)
FAILING(ssize_t, pread64, (int fd, void *b, size_t n, off64_t at), (fd, b, n, at), ON_LARGE_FILE)
FAILING(ssize_t, preadv, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at), ON_LARGE_FILE)
FAILING(ssize_t, preadv64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at), ON_LARGE_FILE)
FAILING(int, fsync, (int fd), (fd), fate(SYNC))
FAILING(int, fdatasync, (int fd), (fd), fate(SYNC))
FAILING(int, link, (const char *from, const char *to), (from, to), fate(LINK))
FAILING(int, fchmod, (int fd, mode_t mode), (fd, mode), fate(CHMOD))
FAILING(int, unlink, (const char *name), (name), fate(UNLINK))
FAILING(int, mkdir, (const char *name, mode_t mode), (name, mode), fate(MKDIR))
FAILING(int, rmdir, (const char *name), (name), fate(RMDIR))
FAILING(int, rename, (const char *from, const char *to), (from, to), fate(RENAME))

/* What left this process is counted, so that it is known of one that was killed too. */
static void count(const struct msghdr *message) {
  size_t bytes = 0;
  for (size_t i = 0; i < message->msg_iovlen; i++) bytes += message->msg_iov[i].iov_len;
  if (plan) __atomic_add_fetch(&plan->sent, bytes, __ATOMIC_SEQ_CST);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  REAL(ssize_t, sendmsg, (int, const struct msghdr *, int));
  DOOMED(ssize_t, real(fd, message, flags), fate(SEND))
  if (result >= 0) count(message);
  return result;
}
int sendmmsg(int fd, struct mmsghdr *messages, unsigned int length, int flags) {
  REAL(int, sendmmsg, (int, struct mmsghdr *, unsigned int, int));
  DOOMED(int, real(fd, messages, length, flags), fate(SEND))
  for (int i = 0; i < result; i++) count(&messages[i].msg_hdr);
  return result;
}

static int wants_new(int flags) { return (flags & O_CREAT) && (flags & O_EXCL); }

#define OPENING(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, (const char *, int, ...)); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    DOOMED(int, real(path, flags, mode), wants_new(flags) ? fate(CREATE) : 0) \
    return result; \
  }
OPENING(open)
OPENING(open64)
