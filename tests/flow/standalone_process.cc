#include "standalone_process.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/session.h"

extern char** environ;

namespace holdfast::flow {
namespace {

// Reads on until the text is in what was read; false at the end of the stream.
bool ReadUntil(int from, std::string_view wanted, std::string& into) {
  char piece[4096];
  for (ssize_t read = 0; (read = ::read(from, piece, sizeof piece)) > 0;) {
    into.append(piece, static_cast<std::size_t>(read));
    if (!wanted.empty() && into.find(wanted) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> StandaloneWords(const std::string& folder,
                                         const std::vector<std::string>& more) {
  std::vector<std::string> words = {StandaloneBinary(),
                                    "--data",
                                    folder,
                                    "--demo=empty",
                                    "--set",
                                    "listen.http_port=0",
                                    "--set",
                                    "listen.grpc_port=0",
                                    "--set",
                                    "listen.admin_port=0"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

std::string BinaryOf(const std::string& program) {
  std::error_code error;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path built =
      own.parent_path().parent_path().parent_path() / "bin" / program;
  return std::filesystem::exists(built, error) ? built.string() : "";
}

std::string StandaloneBinary() {
  const char* const given = std::getenv("HOLDFAST_BIN");
  return given != nullptr ? given : BinaryOf("holdfast-standalone");
}

Spawned Spawn(std::vector<std::string> command, std::initializer_list<int> outputs) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int output : outputs) posix_spawn_file_actions_adddup2(&actions, ends[1], output);
  Spawned spawned;
  if (posix_spawn(&spawned.pid, argv[0], &actions, nullptr, argv.data(), environ) != 0)
    spawned.pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  spawned.output = ends[0];
  return spawned;
}

StandaloneProcess::StandaloneProcess(const std::string& folder,
                                     const std::vector<std::string>& more)
    : StandaloneProcess(StandaloneWords(folder, more), folder) {}

StandaloneProcess::StandaloneProcess(std::vector<std::string> command, std::string folder)
    : folder_(std::move(folder)) {
  const Spawned spawned = Spawn(std::move(command), {STDOUT_FILENO, STDERR_FILENO});
  pid_ = spawned.pid;
  output_ = spawned.output;
}

StandaloneProcess::~StandaloneProcess() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    AwaitEnd();
  }
}

bool StandaloneProcess::AwaitWord(std::string_view word) {
  if (!ReadUntil(output_, word, said_)) return false;
  reads_ = std::jthread([this] { (void)ReadUntil(output_, "", said_); });
  return true;
}

std::string StandaloneProcess::grpc_address() const {
  return cli::FindPlatform(folder_).grpc;
}

std::string StandaloneProcess::AdminPage(const std::string& path) const {
  const std::string address = cli::FindPlatform(folder_).admin;
  const std::string port = address.substr(address.rfind(':') + 1);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port.c_str())));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string request = "GET " + path + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    (void)ReadUntil(fd, "", answer);
  }
  close(fd);
  const std::size_t head = answer.find("\r\n\r\n");
  return head == std::string::npos ? "" : answer.substr(head + 4);
}

void StandaloneProcess::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

int StandaloneProcess::AwaitEnd() {
  if (pid_ <= 0) return exit_code_;
  if (reads_.joinable()) {
    reads_.join();
  } else {
    (void)ReadUntil(output_, "", said_);
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  close(output_);
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

}  // namespace holdfast::flow
