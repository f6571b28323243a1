// A cannon for hostile datagrams, and a target for comparison: in C, because what an attacker spends on each datagram
// decides how many it can send. Linux only.
//
//   cannon fire PORT SOURCES RATE SECONDS   shots from stdin, each a length (2 bytes, little-endian) and its bytes
//   cannon sink                             reads and drops what comes; says its port first
//
// Either says what it counted as JSON at its end: after so many seconds, or on SIGTERM.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BURST = 16, MAX_SHOTS = 65536, MAX_SOURCES = 16384, TRIGGER = 1200, ROOM = 2048, LARGEST = 65507, MAX_SEGMENTS = 64 };

static volatile sig_atomic_t is_over;
static struct iovec shots[MAX_SHOTS];
static int sockets[MAX_SOURCES];
static char rooms[BURST][ROOM];

static void cease(int signal) {
  (void)signal;
  is_over = 1;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int open_at(uint32_t address) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  if (socket_ < 0 || bind(socket_, (struct sockaddr *)&at, sizeof at) < 0) die("bind");
  return socket_;
}

/** Reads what waits at a socket. Returns how many datagrams that were; their lengths are in `lengths`. */
static int drain(int socket_, int flags, unsigned *lengths) {
  struct mmsghdr messages[BURST] = {0};
  struct iovec parts[BURST];
  for (int i = 0; i < BURST; i++) {
    parts[i] = (struct iovec){rooms[i], ROOM};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  int count = recvmmsg(socket_, messages, BURST, flags, NULL);
  for (int i = 0; i < count; i++) lengths[i] = messages[i].msg_len;
  return count;
}

struct heard {
  uint64_t count, bytes;
  unsigned largest;
};

/** Counts the replies that wait at a socket. */
static void listen_to(int socket_, struct heard *heard) {
  unsigned lengths[BURST];
  for (int count; (count = drain(socket_, MSG_DONTWAIT, lengths)) > 0;) {
    for (int i = 0; i < count; i++) {
      heard->count++;
      heard->bytes += lengths[i];
      if (lengths[i] > heard->largest) heard->largest = lengths[i];
    }
    if (count < BURST) return;
  }
}

static int load(void) {
  int count = 0;
  unsigned char head[2];
  while (count < MAX_SHOTS && fread(head, 1, 2, stdin) == 2) {
    size_t length = head[0] | head[1] << 8;
    void *bytes = malloc(length + 1);
    if (bytes == NULL || fread(bytes, 1, length, stdin) != length) die("shots");
    shots[count++] = (struct iovec){bytes, length};
  }
  return count;
}

/** Shots of one length: so many go to the kernel as one, which makes datagrams of them (UDP_SEGMENT); else 0. */
static int segments_of(int count) {
  size_t length = shots[0].iov_len;
  for (int i = 0; i < count; i++)
    if (shots[i].iov_len != length) return 0;
  int most = LARGEST / length;
  return most < MAX_SEGMENTS ? most : MAX_SEGMENTS;
}

/** Fires shots from one socket, beginning with this one; returns how many, or -1. */
static int burst_from(int socket_, int first, int count, int segments) {
  if (segments > 0) {
    int most = count - first < segments ? count - first : segments;
    struct msghdr message = {.msg_iov = &shots[first], .msg_iovlen = most};
    return sendmsg(socket_, &message, MSG_DONTWAIT) < 0 ? -1 : most;
  }
  struct mmsghdr burst[BURST] = {0};
  for (int i = 0; i < BURST; i++) {
    burst[i].msg_hdr.msg_iov = &shots[(first + i) % count];
    burst[i].msg_hdr.msg_iovlen = 1;
  }
  return sendmmsg(socket_, burst, BURST, MSG_DONTWAIT);
}

static void fire(int port, int sources, double rate, double seconds) {
  struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
  struct rlimit files = {sources + 64, sources + 64};
  setrlimit(RLIMIT_NOFILE, &files);
  for (int i = 0; i < sources; i++) {
    sockets[i] = open_at(0x7f010000 + ((i >> 14) << 16) + (((i >> 7) & 127) << 8) + 1 + (i & 127));
    if (connect(sockets[i], (struct sockaddr *)&target, sizeof target) < 0) die("connect");
  }
  int count = load(), segments = segments_of(count), length = shots[0].iov_len;
  for (int i = 0; segments > 0 && i < sources; i++)
    if (setsockopt(sockets[i], SOL_UDP, UDP_SEGMENT, &length, sizeof length) < 0) segments = 0;
  uint64_t sent = 0, bytes = 0, triggers = 0, refused = 0;
  struct heard heard = {0};
  double start = now(), end = start + seconds, time = start;
  for (uint64_t turn = 0; !is_over && time < end && count > 0; time = now()) {
    if (sent >= (time - start) * rate) {
      nanosleep(&(struct timespec){0, 100000}, NULL);
      continue;
    }
    int socket_ = sockets[turn++ % sources], first = (sent + refused) % count;
    int taken = burst_from(socket_, first, count, segments);
    if (taken < 0) refused++; // too large, or a closed port was told of: lost, as on any network
    for (int i = 0; i < taken; i++) {
      size_t size = shots[(first + i) % count].iov_len;
      bytes += size;
      triggers += size >= TRIGGER;
    }
    if (taken > 0) sent += taken;
    listen_to(socket_, &heard);
  }
  usleep(200000);
  for (int i = 0; i < sources; i++) listen_to(sockets[i], &heard);
  printf("{\"millis\":%.0f,\"sent\":%lu,\"bytesSent\":%lu,\"triggers\":%lu,\"replies\":%lu,\"replyBytes\":%lu,\"largestReply\":%u}\n",
         1000 * (time - start), sent, bytes, triggers, heard.count, heard.bytes, heard.largest);
}

static void drop(void) {
  int socket_ = open_at(0x7f000001);
  struct sockaddr_in at;
  socklen_t length = sizeof at;
  getsockname(socket_, (struct sockaddr *)&at, &length);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  uint64_t dropped = 0;
  unsigned lengths[BURST];
  while (!is_over) {
    int count = drain(socket_, MSG_WAITFORONE, lengths);
    if (count > 0) dropped += count;
  }
  printf("{\"dropped\":%lu}\n", dropped);
}

int main(int count, char **words) {
  struct sigaction action = {.sa_handler = cease}; // without SA_RESTART: a read that waits ends
  sigaction(SIGTERM, &action, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM); // never left behind
  if (count == 6 && strcmp(words[1], "fire") == 0) fire(atoi(words[2]), atoi(words[3]), atof(words[4]), atof(words[5]));
  else if (count == 2 && strcmp(words[1], "sink") == 0) drop();
  else return 2;
  return 0;
}
