/* Where there is no strace: preloaded into a process, it writes the calls that matter in strace's format to $TRACE. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void say(const char *format, ...) {
  static int log = -1;
  char line[16384];
  va_list args;
  if (log < 0) log = open(getenv("TRACE"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  va_start(args, format);
  int length = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (length > 0) syscall(SYS_write, log, line, (size_t)length < sizeof line ? (size_t)length : sizeof line);
}

static const char *path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  path[length < 0 ? 0 : length] = 0;
  return path;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ON_FD(name, fd, call) \
  char path[4096]; \
  path_of(fd, path, sizeof path); \
  __auto_type result = call; \
  say("1 " #name "(%d<%s>) = %ld\n", fd, path, (long)result); \
  return result;

int fsync(int fd) { ON_FD(fsync, fd, REAL(fsync)(fd)) }
int fdatasync(int fd) { ON_FD(fdatasync, fd, REAL(fdatasync)(fd)) }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { ON_FD(pwrite64, fd, REAL(pwrite64)(fd, b, n, o)) }
ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t o) { ON_FD(pwritev, fd, REAL(pwritev64)(fd, v, n, o)) }
int link(const char *from, const char *to) {
  int result = REAL(link)(from, to);
  say("1 link(\"%s\", \"%s\") = %d\n", from, to, result);
  return result;
}
int unlink(const char *name) {
  int result = REAL(unlink)(name);
  say("1 unlink(\"%s\") = %d\n", name, result);
  return result;
}

static void say_sent(const struct msghdr *message) {
  char text[8192];
  size_t at = 0;
  for (size_t i = 0; i < message->msg_iovlen; i++) {
    const unsigned char *bytes = message->msg_iov[i].iov_base;
    for (size_t j = 0; j < message->msg_iov[i].iov_len && at + 5 < sizeof text; j++)
      at += (size_t)sprintf(text + at, "\\x%02x", bytes[j]);
  }
  text[at] = 0;
  say("1 sendmsg(\"%s\")\n", text);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  say_sent(message);
  return REAL(sendmsg)(fd, message, flags);
}
int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags) {
  for (unsigned int i = 0; i < count; i++) say_sent(&messages[i].msg_hdr);
  return REAL(sendmmsg)(fd, messages, count, flags);
}
