#include "fault_proxy.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace holdfast::flow {
namespace {

constexpr std::size_t kPiece = 65'536;
// Of one direction; a sender that is faster waits, as without the proxy.
constexpr std::size_t kMostWaiting = 64;  // pieces

void MakePrompt(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// The other side sees a reset, not an orderly end.
void CloseByReset(int fd) {
  if (fd < 0) return;
  const linger at_once{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

bool MustWait(ssize_t result) {
  return result < 0 && (errno == EAGAIN || errno == EINTR);
}

}  // namespace

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::unique_ptr<FaultProxy> FaultProxy::Open(std::uint16_t target_port, std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at = Loopback(port);
  socklen_t size = sizeof at;
  int wake[2] = {-1, -1};
  const bool open = bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                    listen(listener, 128) == 0 &&
                    getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0 &&
                    pipe2(wake, O_CLOEXEC | O_NONBLOCK) == 0;
  if (!open) {
    close(listener);
    return nullptr;
  }
  return std::unique_ptr<FaultProxy>(
      new FaultProxy(listener, wake[0], wake[1], ntohs(at.sin_port), target_port));
}

FaultProxy::FaultProxy(int listener, int wake_out, int wake_in, std::uint16_t port,
                       std::uint16_t target_port)
    : listener_(listener),
      wake_out_(wake_out),
      wake_in_(wake_in),
      port_(port),
      target_port_(target_port),
      thread_([this] { Run(); }) {}

FaultProxy::~FaultProxy() {
  {
    const absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  Wake();
  thread_.join();
  const absl::MutexLock lock(&mutex_);
  for (Connection& connection : connections_) Break(connection);
  close(listener_);
  close(wake_out_);
  close(wake_in_);
}

std::string FaultProxy::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

std::size_t FaultProxy::passed() const {
  const absl::MutexLock lock(&mutex_);
  return passed_;
}

void FaultProxy::Wake() const {
  // A full pipe wakes as well.
  [[maybe_unused]] const ssize_t written = write(wake_in_, "w", 1);
}

void FaultProxy::Set(const Hindrance& hindrance) {
  {
    const absl::MutexLock lock(&mutex_);
    const bool hindered_no_more = !hindrance.silent && !hindrance.refuses;
    for (Connection& connection : connections_) {
      if (hindrance.refuses || (hindered_no_more && connection.lossy)) Break(connection);
      if (hindrance.delay_asks == absl::ZeroDuration()) {
        for (Chunk& chunk : connection.asks.waiting) chunk.due = absl::InfinitePast();
      }
      if (hindrance.delay_answers == absl::ZeroDuration()) {
        for (Chunk& chunk : connection.answers.waiting) chunk.due = absl::InfinitePast();
      }
    }
    hindrance_ = hindrance;
  }
  Wake();
}

void FaultProxy::Reset() {
  {
    const absl::MutexLock lock(&mutex_);
    for (Connection& connection : connections_) Break(connection);
  }
  Wake();
}

void FaultProxy::HalfClose() {
  {
    const absl::MutexLock lock(&mutex_);
    for (Connection& connection : connections_) {
      if (connection.over) continue;
      shutdown(connection.client, SHUT_WR);
      connection.answers_lost = true;
    }
  }
  Wake();
}

void FaultProxy::Break(Connection& connection) {
  if (connection.over) return;
  CloseByReset(connection.client);
  CloseByReset(connection.target);
  connection.over = true;
}

void FaultProxy::Run() {
  while (AwaitWork()) {
    const absl::MutexLock lock(&mutex_);
    TakeOne();
    for (Connection& connection : connections_) {
      if (!connection.over) Serve(connection);
    }
    connections_.remove_if([](const Connection& connection) { return connection.over; });
  }
}

absl::Time FaultProxy::NextDue() const {
  absl::Time next = absl::InfiniteFuture();
  for (const Connection& connection : connections_) {
    for (const Flow* flow : {&connection.asks, &connection.answers}) {
      if (!flow->waiting.empty()) next = std::min(next, flow->waiting.front().due);
    }
  }
  return next;
}

// False when it is to stop.
bool FaultProxy::AwaitWork() {
  std::vector<pollfd> polled = {{listener_, POLLIN, 0}, {wake_out_, POLLIN, 0}};
  int timeout_ms = -1;
  {
    const absl::MutexLock lock(&mutex_);
    if (stop_) return false;
    const absl::Time now = absl::Now();
    const auto watch = [&](int from, int to, const Flow& flow) {
      const bool more = !flow.ended && flow.waiting.size() < kMostWaiting;
      if (more) polled.push_back({from, POLLIN, 0});
      const bool due = !flow.waiting.empty() && flow.waiting.front().due <= now;
      if (due) polled.push_back({to, POLLOUT, 0});
    };
    for (const Connection& connection : connections_) {
      if (connection.over) continue;
      watch(connection.client, connection.target, connection.asks);
      watch(connection.target, connection.client, connection.answers);
    }
    const absl::Time due = NextDue();
    if (due > now && due != absl::InfiniteFuture())
      timeout_ms = static_cast<int>(absl::ToInt64Milliseconds(due - now)) + 1;
  }
  poll(polled.data(), polled.size(), timeout_ms);
  char woken[256];
  while (read(wake_out_, woken, sizeof woken) > 0) {
  }
  return true;
}

void FaultProxy::TakeOne() {
  const int client = accept(listener_, nullptr, nullptr);
  if (client < 0) return;
  if (hindrance_.refuses) return CloseByReset(client);
  Connection connection;
  connection.client = client;
  connection.target = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in to = Loopback(target_port_);
  // On this machine it is there at once, or refuses at once.
  if (connect(connection.target, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return Break(connection);
  MakePrompt(connection.client);
  MakePrompt(connection.target);
  connections_.push_back(std::move(connection));
}

void FaultProxy::Serve(Connection& connection) {
  for (const bool asks : {true, false}) {
    if (!connection.over) Read(connection, asks);
    if (!connection.over) Write(connection, asks);
  }
  if (!connection.over && connection.asks.shut_down && connection.answers.shut_down) {
    close(connection.client);
    close(connection.target);
    connection.over = true;
  }
}

void FaultProxy::Read(Connection& connection, bool asks) {
  Flow& flow = asks ? connection.asks : connection.answers;
  while (!flow.ended && flow.waiting.size() < kMostWaiting) {
    std::string piece(kPiece, '\0');
    const ssize_t got =
        recv(asks ? connection.client : connection.target, piece.data(), piece.size(), 0);
    if (MustWait(got)) return;
    if (got < 0) return Break(connection);
    flow.ended = got == 0;
    if (hindrance_.silent) {
      connection.lossy = true;
      continue;
    }
    if (got == 0) return;
    piece.resize(static_cast<std::size_t>(got));
    const absl::Duration delay = asks ? hindrance_.delay_asks : hindrance_.delay_answers;
    flow.waiting.push_back({absl::Now() + delay, std::move(piece)});
  }
}

void FaultProxy::Write(Connection& connection, bool asks) {
  Flow& flow = asks ? connection.asks : connection.answers;
  const int to = asks ? connection.target : connection.client;
  if (connection.lossy) flow.waiting.clear();
  if (!asks && connection.answers_lost) {
    flow.waiting.clear();
    flow.shut_down = flow.ended;
    return;
  }
  const absl::Time now = absl::Now();
  while (!flow.waiting.empty() && flow.waiting.front().due <= now) {
    std::string& bytes = flow.waiting.front().bytes;
    const ssize_t put = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (MustWait(put)) return;
    if (put < 0) return Break(connection);
    passed_ += static_cast<std::size_t>(put);
    bytes.erase(0, static_cast<std::size_t>(put));
    if (bytes.empty()) flow.waiting.pop_front();
  }
  if (flow.ended && flow.waiting.empty() && !flow.shut_down && !connection.lossy) {
    shutdown(to, SHUT_WR);
    flow.shut_down = true;
  }
}

}  // namespace holdfast::flow
