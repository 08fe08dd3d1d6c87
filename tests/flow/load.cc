#include "load.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <google/protobuf/util/json_util.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "fault_proxy.h"
#include "standalone_process.h"

namespace holdfast::flow {
namespace {

constexpr absl::Duration kUnknownAfter = absl::Minutes(2);
constexpr absl::Duration kBetween = absl::Milliseconds(10);
constexpr absl::Duration kPatience = absl::Seconds(10);  // of one try
constexpr int kSendAgain = 7;  // each so manieth is sent again once it was answered
constexpr char kIssueToken[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";

int NextRound() {
  static std::atomic<int> rounds{0};
  return ++rounds;
}

// "not now, or it is not known": the same command is sent again.
bool MustRepeat(const absl::Status& answer) {
  return absl::IsUnavailable(answer) || absl::IsDeadlineExceeded(answer) ||
         absl::IsCancelled(answer);
}

std::size_t CountOf(const LoadRecord::Names& names) {
  std::size_t count = 0;
  for (const auto& [tenant, of_tenant] : names) count += of_tenant.size();
  return count;
}

struct HttpAnswer {
  int status = 0;  // 0: none came, or not the whole of it
  std::string body;
};

// One POST on a connection of its own.
HttpAnswer Post(std::uint16_t port, const std::string& target, const std::string& headers,
                const std::string& body) {
  HttpAnswer answer;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval wait = absl::ToTimeval(kPatience);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  const sockaddr_in to = Loopback(port);
  const std::string bytes =
      absl::StrCat("POST ", target, " HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n",
                   "content-type: application/json\r\ncontent-length: ", body.size(), "\r\n",
                   headers, "\r\n", body);
  std::string said;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
      send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size())) {
    char piece[4096];
    ssize_t got = 0;
    while ((got = recv(fd, piece, sizeof piece, 0)) > 0)
      said.append(piece, static_cast<std::size_t>(got));
    if (got < 0) said.clear();  // cut off: what came is not the whole
  }
  close(fd);
  const std::size_t head = said.find("\r\n\r\n");
  if (said.size() < 12 || head == std::string::npos) return answer;
  (void)absl::SimpleAtoi(said.substr(9, 3), &answer.status);
  answer.body = said.substr(head + 4);
  return answer;
}

// A client of the gateway, as an integrator without gRPC writes one.
class HttpClient {
 public:
  HttpClient(std::uint16_t port, std::string tenant) : port_(port), tenant_(std::move(tenant)) {}

  absl::Status Create(const initiative::v1::CreateSite& create, const std::string& key,
                      type::v1::Receipt& receipt) {
    if (token_.empty() && !SignIn()) return absl::UnavailableError("nobody issues a token");
    std::string body;
    (void)google::protobuf::util::MessageToJsonString(create, &body);
    const HttpAnswer answer = Post(
        port_, cli::Initiative("CreateSite"),
        absl::StrCat("authorization: Bearer ", token_, "\r\nidempotency-key: ", key, "\r\n"), body);
    return StatusOf(answer, receipt);
  }

 private:
  bool SignIn() {
    const HttpAnswer answer =
        Post(port_, kIssueToken, "", absl::StrCat(R"({"tenant":")", tenant_, R"(","as":"trial"})"));
    directory::v1::IssuedToken issued;
    if (answer.status != 200 ||
        !google::protobuf::util::JsonStringToMessage(answer.body, &issued).ok()) {
      return false;
    }
    token_ = issued.token();
    return true;
  }

  absl::Status StatusOf(const HttpAnswer& answer, type::v1::Receipt& receipt) {
    switch (answer.status) {
      case 200:
        if (!google::protobuf::util::JsonStringToMessage(answer.body, &receipt).ok())
          return absl::UnavailableError("the receipt was cut off");
        return absl::OkStatus();
      case 401:  // it has run out
        token_.clear();
        return absl::UnavailableError("signed out");
      case 0:
      case 429:
      case 499:
      case 503:
      case 504:
        return absl::UnavailableError("not now");
      default:
        return absl::UnknownError(absl::StrCat("HTTP ", answer.status, ": ", answer.body));
    }
  }

  const std::uint16_t port_;
  const std::string tenant_;
  std::string token_;
};

}  // namespace

void LetPass(absl::Duration duration) {
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(duration));
}

void LoadRecord::Add(const LoadRecord& other) {
  for (const auto& [tenant, names] : other.acknowledged)
    acknowledged[tenant].insert(names.begin(), names.end());
  for (const auto& [tenant, names] : other.unknown)
    unknown[tenant].insert(names.begin(), names.end());
  failures.insert(other.failures.begin(), other.failures.end());
  issued += other.issued;
  longest = std::max(longest, other.longest);
}

std::size_t LoadRecord::AcknowledgedCount() const {
  return CountOf(acknowledged);
}

std::size_t LoadRecord::UnknownCount() const {
  return CountOf(unknown);
}

Way ThroughDoors(std::string doors) {
  return [doors = std::move(doors)](const std::string& tenant) -> CreateSiteCall {
    const auto session =
        std::make_shared<cli::Session>(cli::SessionOptions{doors, tenant, "trial", "", kPatience});
    return [session](const initiative::v1::CreateSite& create, const std::string& key,
                     type::v1::Receipt& receipt) {
      return session->Command(cli::Initiative("CreateSite"), create, receipt, key);
    };
  };
}

Way ThroughGateway(std::uint16_t port) {
  return [port](const std::string& tenant) -> CreateSiteCall {
    const auto client = std::make_shared<HttpClient>(port, tenant);
    return [client](const initiative::v1::CreateSite& create, const std::string& key,
                    type::v1::Receipt& receipt) { return client->Create(create, key, receipt); };
  };
}

Load::Load(const Way& way, std::vector<std::string> tenants, int clients, Noted noted)
    : tenants_(std::move(tenants)), noted_(std::move(noted)), round_(NextRound()) {
  for (int client = 0; client < clients; ++client) {
    const std::string& tenant = tenants_[static_cast<std::size_t>(client) % tenants_.size()];
    threads_.emplace_back([this, tenant, call = way(tenant)] { Go(tenant, call); });
  }
}

Load::~Load() {
  Stop();
}

void Load::AwaitMore(int acknowledged) {
  const int wanted = answered_.load() + acknowledged;
  const absl::Time until = absl::Now() + kUnknownAfter;
  while (answered_.load() < wanted && absl::Now() < until) LetPass(kBetween);
}

void Load::Stop() {
  stop_.store(true);
  threads_.clear();
}

void Load::Go(const std::string& tenant, const CreateSiteCall& call) {
  while (!stop_.load()) {
    const int number = ++issued_;
    initiative::v1::CreateSite create;
    create.set_name(absl::StrCat("Load ", number, " of ", getpid(), "-", round_));
    const std::string key = absl::StrCat("load-", getpid(), "-", round_, "-", number);
    type::v1::Receipt receipt;
    const absl::Time begun = absl::Now();
    absl::Status answer;
    // The client itself gives up after some tries; a person would press the button again.
    do {
      answer = call(create, key, receipt);
      LetPass(kBetween);
    } while (MustRepeat(answer) && absl::Now() - begun < kUnknownAfter);
    const absl::Duration took = absl::Now() - begun;
    if (answer.ok() && number % kSendAgain == 0) SendAgain(call, create, key, receipt);
    Keep({tenant, create.name(), answer, took});
  }
}

void Load::SendAgain(const CreateSiteCall& call, const initiative::v1::CreateSite& create,
                     const std::string& key, const type::v1::Receipt& first) {
  type::v1::Receipt again;
  const absl::Status repeated = call(create, key, again);
  if (!repeated.ok() || again.stream() == first.stream()) return;
  Keep({"", "", absl::UnknownError("a command that was asked twice took effect twice"), {}});
}

void Load::Keep(const Note& note) {
  const absl::MutexLock lock(&mutex_);
  Record(note, record_);
  if (note.answer.ok()) ++answered_;
  if (noted_) noted_(note);
}

void Record(const Load::Note& note, LoadRecord& record) {
  record.longest = std::max(record.longest, note.took);
  if (!note.name.empty()) ++record.issued;
  if (note.answer.ok()) {
    record.acknowledged[note.tenant].insert(note.name);
  } else if (MustRepeat(note.answer)) {
    record.unknown[note.tenant].insert(note.name);
  } else {
    record.failures.insert(std::string(note.answer.message()));
  }
}

// code, milliseconds, tenant, name, message; tabs between.
std::string LineOf(const Load::Note& note) {
  std::string message(note.answer.message());
  std::ranges::replace(message, '\n', ' ');
  return absl::StrCat(static_cast<int>(note.answer.code()), "\t",
                      absl::ToInt64Milliseconds(note.took), "\t", note.tenant, "\t", note.name,
                      "\t", message);
}

bool ReadLine(const std::string& line, Load::Note& note) {
  const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits('\t', 4));
  int code = 0;
  std::int64_t ms = 0;
  if (parts.size() != 5 || !absl::SimpleAtoi(parts[0], &code) || !absl::SimpleAtoi(parts[1], &ms))
    return false;
  note = {parts[2], parts[3], absl::Status(static_cast<absl::StatusCode>(code), parts[4]),
          absl::Milliseconds(ms)};
  return true;
}

SeparateLoad::SeparateLoad(std::uint16_t gateway, const std::vector<std::string>& tenants,
                           int clients) {
  const Spawned spawned = Spawn({BinaryOf("holdfast-flow-load"), std::to_string(gateway),
                                 absl::StrJoin(tenants, ","), std::to_string(clients)},
                                {STDOUT_FILENO});
  pid_ = spawned.pid;
  output_ = spawned.output;
  if (output_ < 0) return;
  reads_ = std::jthread([this] { Read(); });
}

SeparateLoad::~SeparateLoad() {
  (void)Stop();
}

void SeparateLoad::Read() {
  FILE* const lines = fdopen(output_, "r");
  char* line = nullptr;
  std::size_t size = 0;
  for (ssize_t length = 0; (length = getline(&line, &size, lines)) > 0;) {
    Load::Note note;
    if (!ReadLine(std::string(line, static_cast<std::size_t>(length - 1)), note)) continue;
    const absl::MutexLock lock(&mutex_);
    Record(note, record_);
  }
  std::free(line);
  std::fclose(lines);
}

void SeparateLoad::AwaitMore(int acknowledged) {
  const auto count = [&] {
    const absl::MutexLock lock(&mutex_);
    return record_.AcknowledgedCount();
  };
  const std::size_t wanted = count() + static_cast<std::size_t>(acknowledged);
  const absl::Time until = absl::Now() + kUnknownAfter;
  while (count() < wanted && absl::Now() < until) LetPass(kBetween);
}

bool SeparateLoad::Stop() {
  if (pid_ <= 0) return false;
  kill(pid_, SIGTERM);
  reads_.join();  // it says everything, then it ends
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace holdfast::flow
