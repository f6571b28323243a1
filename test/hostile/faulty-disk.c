/* Loaded into a receiver (LD_PRELOAD): makes the nth call of one kind on files fail with a chosen errno. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, SYNC, LINK, CREATE, CHMOD };

/* Shared with the test, which sets the first three and reads the others. */
static volatile struct { int kind, nth, error, seen, failed; } *plan;

__attribute__((constructor)) static void begin(void) {
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  const char *path = getenv("UDPCP_FAULTS");
  int fd = path ? real(path, O_RDWR) : -1;
  void *shared = fd < 0 ? MAP_FAILED : mmap(0, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) plan = shared;
}

/* Whether this call is the one that fails. */
static int fails(enum kind kind) {
  if (!plan || plan->kind != (int)kind) return 0;
  if (__atomic_add_fetch(&plan->seen, 1, __ATOMIC_SEQ_CST) != plan->nth) return 0;
  __atomic_add_fetch(&plan->failed, 1, __ATOMIC_SEQ_CST);
  errno = plan->error;
  return 1;
}

/* A regular file or a directory that was opened to be written or synced: no pipe, no socket. */
static int is_file(int fd) {
  struct stat there;
  return fstat(fd, &there) == 0 && (S_ISREG(there.st_mode) || S_ISDIR(there.st_mode));
}

#define REAL(type, name, parameters) static type (*real) parameters; if (!real) real = dlsym(RTLD_NEXT, #name)
#define FAILING(type, name, parameters, arguments, when) \
  type name parameters { REAL(type, name, parameters); return (when) ? -1 : real arguments; }

FAILING(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), is_file(fd) && fails(WRITE))
FAILING(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t at), (fd, b, n, at), is_file(fd) && fails(WRITE))
FAILING(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t at), (fd, b, n, at), is_file(fd) && fails(WRITE))
FAILING(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), is_file(fd) && fails(WRITE))
FAILING(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at), is_file(fd) && fails(WRITE))
FAILING(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at), is_file(fd) && fails(WRITE))
FAILING(int, fsync, (int fd), (fd), fails(SYNC))
FAILING(int, fdatasync, (int fd), (fd), fails(SYNC))
FAILING(int, link, (const char *from, const char *to), (from, to), fails(LINK))
FAILING(int, fchmod, (int fd, mode_t mode), (fd, mode), fails(CHMOD))

static int wants_new(int flags) { return (flags & O_CREAT) && (flags & O_EXCL); }

#define OPENING(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, (const char *, int, ...)); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    return wants_new(flags) && fails(CREATE) ? -1 : real(path, flags, mode); \
  }
OPENING(open)
OPENING(open64)
