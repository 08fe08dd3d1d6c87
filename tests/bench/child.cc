#include "child.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace holdfast::bench {
namespace {

constexpr absl::Duration kLookAgain = absl::Milliseconds(20);

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool Listens(std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const sockaddr_in address = Loopback(port);
  const bool connected =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(descriptor);
  return connected;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Child>> Child::Start(const std::vector<std::string>& words,
                                                    const std::string& log) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  const int errors = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {  // only what is safe after fork
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(pipe_ends[1], STDOUT_FILENO);
    if (errors >= 0) dup2(errors, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  if (errors >= 0) close(errors);
  if (pid < 0) {
    close(pipe_ends[0]);
    return absl::ErrnoToStatus(errno, "fork");
  }
  return std::unique_ptr<Child>(new Child(pid, pipe_ends[0]));
}

Child::~Child() {
  if (pid_ > 0) Stop(SIGKILL);
  close(output_);
}

bool Child::running() {
  if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
  return pid_ > 0;
}

void Child::Stop(int signal, absl::Duration patience) {
  if (!running()) return;
  kill(pid_, signal);
  const absl::Time until = absl::Now() + patience;
  while (running()) {
    if (absl::Now() > until) kill(pid_, SIGKILL);
    absl::SleepFor(kLookAgain);
  }
}

absl::StatusOr<std::string> Child::Output(absl::Duration patience) {
  const absl::Time until = absl::Now() + patience;
  std::string all;
  std::array<char, 4'096> buffer{};
  while (true) {
    const absl::Duration left = until - absl::Now();
    pollfd readable{output_, POLLIN, 0};
    if (left <= absl::ZeroDuration() ||
        poll(&readable, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) == 0) {
      Stop(SIGKILL);
      return absl::DeadlineExceededError("it took too long");
    }
    const ssize_t got = read(output_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  while (running()) absl::SleepFor(kLookAgain);
  if (!WIFEXITED(status_) || WEXITSTATUS(status_) != 0)
    return absl::InternalError(absl::StrCat("it ended with status ", status_));
  return all;
}

absl::StatusOr<double> Child::MemoryMiB(const std::string& which) const {
  std::ifstream status(absl::StrCat("/proc/", pid_, "/status"));
  std::string word;
  double kib = 0;
  while (status >> word) {
    if (word == which + ":" && status >> kib) return kib / 1024;
  }
  return absl::NotFoundError("it has ended");
}

absl::StatusOr<double> NumberFrom(const std::vector<std::string>& words, const std::string& log,
                                  const std::string& field, absl::Duration patience) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Child> child, Child::Start(words, log));
  const absl::StatusOr<std::string> output = child->Output(patience);
  if (!output.ok()) return WithContext(output.status(), absl::StrCat(words[0], " (", log, ")"));
  const std::string wanted = absl::StrCat("\"", field, "\":");
  const std::size_t at = output->find(wanted);
  double number = 0;
  if (at == std::string::npos)
    return absl::InternalError(absl::StrCat(words[0], " said no ", field));
  const std::size_t from = output->find_first_not_of(' ', at + wanted.size());
  const std::size_t to = output->find_first_of(",} \n", from);
  if (!absl::SimpleAtod(output->substr(from, to - from), &number))
    return absl::InternalError(absl::StrCat(words[0], ": ", field, " is no number"));
  return number;
}

absl::StatusOr<std::uint16_t> FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "socket");
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  const bool found = bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(descriptor);
  if (!found) return absl::UnavailableError("no free port");
  return ntohs(address.sin_port);
}

absl::Status AwaitPort(std::uint16_t port, Child& child, absl::Duration patience) {
  for (const absl::Time until = absl::Now() + patience; absl::Now() < until;) {
    if (Listens(port)) return absl::OkStatus();
    if (!child.running()) return absl::UnavailableError("it ended before it listened");
    absl::SleepFor(kLookAgain);
  }
  return absl::DeadlineExceededError("it does not listen");
}

}  // namespace holdfast::bench
