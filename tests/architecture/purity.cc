#include "purity.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace holdfast::architecture {
namespace {

absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}

struct Reach {
  std::string_view what;
  // C functions, whole names.
  std::span<const std::string_view> functions;
  // C++ names and families of C functions, from their beginning.
  std::span<const std::string_view> beginnings;
};

constexpr std::string_view kClockFunctions[] = {
    "time",        "clock",  "clock_gettime", "gettimeofday", "localtime",
    "localtime_r", "gmtime", "gmtime_r",      "mktime",       "tzset",
    "nanosleep",   "usleep", "sleep",         "strftime",     "timespec_get"};
constexpr std::string_view kClockBeginnings[] = {"std::chrono::_V2::", "absl::lts_20220623::Now(",
                                                 "absl::lts_20220623::GetCurrentTimeNanos",
                                                 "holdfast::SystemClock", "holdfast::Clock::"};
constexpr std::string_view kThreadFunctions[] = {"__tls_get_addr", "fork", "vfork"};
constexpr std::string_view kThreadBeginnings[] = {"pthread_",
                                                  "sem_",
                                                  "std::thread",
                                                  "std::this_thread",
                                                  "std::mutex",
                                                  "std::condition_variable",
                                                  "std::__future_base",
                                                  "absl::lts_20220623::Mutex",
                                                  "absl::lts_20220623::CondVar",
                                                  "holdfast::ThreadExecutor",
                                                  "thread-local "};
constexpr std::string_view kFileFunctions[] = {
    "open",  "open64",  "openat",  "read",  "write",    "close",  "stat",    "lstat",
    "fstat", "fopen",   "fopen64", "fread", "fwrite",   "fclose", "fprintf", "printf",
    "puts",  "putchar", "fputs",   "fputc", "mmap",     "munmap", "unlink",  "rename",
    "mkdir", "opendir", "readdir", "fsync", "fdatasync"};
constexpr std::string_view kFileBeginnings[] = {
    "std::basic_ifstream", "std::basic_ofstream", "std::basic_fstream",
    "std::basic_filebuf",  "std::filesystem::",   "std::cout",
    "std::cerr",           "std::clog",           "std::cin"};
constexpr std::string_view kSocketFunctions[] = {
    "socket", "connect", "bind", "listen",   "accept", "accept4", "send",
    "sendto", "sendmsg", "recv", "recvfrom", "poll",   "select",  "getaddrinfo"};
constexpr std::string_view kSocketBeginnings[] = {"epoll_"};
constexpr std::string_view kEnvironmentFunctions[] = {
    "getenv", "secure_getenv", "setenv", "putenv", "system", "popen", "environ", "setlocale"};
constexpr std::string_view kEnvironmentBeginnings[] = {"exec", "std::locale::", "getpid"};
constexpr std::string_view kRandomFunctions[] = {"rand",      "rand_r",     "srand",
                                                 "random",    "srandom",    "drand48",
                                                 "getrandom", "getentropy", "arc4random"};
constexpr std::string_view kRandomBeginnings[] = {
    "std::random_device", "holdfast::SystemRandom",
    "holdfast::Random::", "absl::lts_20220623::random_internal"};
constexpr std::string_view kStoreBeginnings[] = {"rocksdb::", "rocksdb_"};
constexpr std::string_view kKafkaBeginnings[] = {"rd_kafka_", "RdKafka::"};
constexpr std::string_view kGrpcBeginnings[] = {"grpc::", "grpc_", "grpc_core::"};

constexpr std::array<Reach, 9> kReaches = {{
    {"a clock", kClockFunctions, kClockBeginnings},
    {"a thread or lock", kThreadFunctions, kThreadBeginnings},
    {"a file", kFileFunctions, kFileBeginnings},
    {"a socket", kSocketFunctions, kSocketBeginnings},
    {"the environment", kEnvironmentFunctions, kEnvironmentBeginnings},
    {"a random number", kRandomFunctions, kRandomBeginnings},
    {"RocksDB", {}, kStoreBeginnings},
    {"Kafka", {}, kKafkaBeginnings},
    {"gRPC", {}, kGrpcBeginnings},
}};

// "vtable for std::…", "typeinfo for std::…": what they are for.
std::string_view WithoutKind(std::string_view symbol) {
  for (const std::string_view kind :
       {"vtable for ", "VTT for ", "typeinfo for ", "guard variable for ", "TLS init function for ",
        "TLS wrapper function for "}) {
    if (symbol.starts_with(kind))
      return kind.starts_with("TLS") ? "thread-local " : symbol.substr(kind.size());
  }
  return symbol;
}

std::string_view ReachOf(std::string_view symbol) {
  const std::string_view name = WithoutKind(symbol.substr(0, symbol.find('@')));
  for (const Reach& reach : kReaches) {
    for (const std::string_view function : reach.functions) {
      if (name == function) return reach.what;
    }
    for (const std::string_view beginning : reach.beginnings) {
      if (name.starts_with(beginning)) return reach.what;
    }
  }
  return {};
}

}  // namespace

absl::StatusOr<std::string> UndefinedSymbols(const std::string& archive) {
  const std::string command = absl::StrCat("nm -C --undefined-only '", archive, "' 2>&1");
  const auto close = [](std::FILE* pipe) { return pipe == nullptr ? -1 : pclose(pipe); };
  std::unique_ptr<std::FILE, decltype(close)> pipe(popen(command.c_str(), "r"), close);
  if (pipe == nullptr) return absl::UnavailableError("nm could not be started");
  std::string output;
  std::array<char, 4096> buffer;
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
    output.append(buffer.data(), got);
  }
  if (close(pipe.release()) != 0)
    return absl::UnavailableError(absl::StrCat("nm failed: ", output));
  return output;
}

Faults FindImpurities(std::string_view nm_output) {
  Faults faults;
  std::string object;
  while (!nm_output.empty()) {
    const std::size_t end = nm_output.find('\n');
    std::string_view line = nm_output.substr(0, end);
    nm_output.remove_prefix(end == std::string_view::npos ? nm_output.size() : end + 1);
    if (line.ends_with(':')) object = line.substr(0, line.size() - 1);
    // "                 U symbol": the kind is U, or w for weak.
    const std::size_t kind = line.find_first_not_of(' ');
    if (kind == std::string_view::npos || kind == 0 || line.size() < kind + 3) continue;
    const std::string_view symbol = line.substr(kind + 2);
    const std::string_view reach = ReachOf(symbol);
    if (!reach.empty()) {
      faults.push_back({object, absl::StrCat("reaches for ", Absl(reach), ": ", Absl(symbol))});
    }
  }
  return faults;
}

}  // namespace holdfast::architecture
