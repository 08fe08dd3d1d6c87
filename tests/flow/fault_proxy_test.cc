#include "fault_proxy.h"

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/time/clock.h"

namespace holdfast::flow {
namespace {

// Answers every piece that it is sent with the same, and notes it.
class Echo {
 public:
  Echo() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at = Loopback(0);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::jthread([this] { Serve(); });
  }
  ~Echo() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::uint16_t port() const { return port_; }
  bool Heard(std::string_view words) const {
    const auto has = [&] { return heard_.find(words) != std::string::npos; };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&has), absl::Seconds(20));
  }

 private:
  void Serve() {
    for (int fd = -1; (fd = accept(listener_, nullptr, nullptr)) >= 0; close(fd)) {
      std::array<char, 256> piece{};
      for (ssize_t got = 0; (got = recv(fd, piece.data(), piece.size(), 0)) > 0;) {
        {
          const absl::MutexLock lock(&mutex_);
          heard_.append(piece.data(), static_cast<std::size_t>(got));
        }
        send(fd, piece.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
    }
  }

  const int listener_;
  std::uint16_t port_ = 0;
  mutable absl::Mutex mutex_;
  std::string heard_ ABSL_GUARDED_BY(mutex_);
  std::jthread thread_;
};

class Caller {
 public:
  explicit Caller(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in to = Loopback(port);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~Caller() { close(fd_); }
  void Say(std::string_view words) const { send(fd_, words.data(), words.size(), MSG_NOSIGNAL); }
  // What comes within that time: words, "end", "reset" or "nothing".
  std::string Hear(absl::Duration patience = absl::Seconds(20)) const {
    const timeval wait = absl::ToTimeval(patience);
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    std::array<char, 256> piece{};
    const ssize_t got = recv(fd_, piece.data(), piece.size(), 0);
    if (got > 0) return {piece.data(), static_cast<std::size_t>(got)};
    if (got == 0) return "end";
    return errno == ECONNRESET ? "reset" : "nothing";
  }

 private:
  const int fd_;
};

constexpr absl::Duration kAWhile = absl::Milliseconds(300);

class FaultProxyTest : public ::testing::Test {
 protected:
  Echo echo_;
  std::unique_ptr<FaultProxy> proxy_ = FaultProxy::Open(echo_.port());
};

TEST_F(FaultProxyTest, PassesEverythingOnUnhindered) {
  const Caller caller(proxy_->port());
  caller.Say("hello");
  EXPECT_EQ(caller.Hear(), "hello");
  EXPECT_EQ(proxy_->passed(), 10U);
}

TEST_F(FaultProxyTest, DelaysAnswersAlone) {
  proxy_->Set({.delay_answers = absl::Minutes(5)});
  const Caller caller(proxy_->port());
  caller.Say("hello");
  EXPECT_TRUE(echo_.Heard("hello"));
  EXPECT_EQ(caller.Hear(kAWhile), "nothing");
  proxy_->Heal();
  EXPECT_EQ(caller.Hear(), "hello");
}

TEST_F(FaultProxyTest, DelaysWhatIsAskedForSoLong) {
  proxy_->Set({.delay_asks = kAWhile});
  const absl::Time begun = absl::Now();
  const Caller caller(proxy_->port());
  caller.Say("hello");
  EXPECT_EQ(caller.Hear(), "hello");
  EXPECT_GE(absl::Now() - begun, kAWhile);
}

TEST_F(FaultProxyTest, ResetsOnceAndTakesNewConnections) {
  const Caller before(proxy_->port());
  before.Say("hello");
  EXPECT_EQ(before.Hear(), "hello");
  proxy_->Reset();
  EXPECT_EQ(before.Hear(), "reset");
  const Caller after(proxy_->port());
  after.Say("again");
  EXPECT_EQ(after.Hear(), "again");
}

TEST_F(FaultProxyTest, RefusesUntilItIsHealed) {
  proxy_->Set({.refuses = true});
  EXPECT_EQ(Caller(proxy_->port()).Hear(), "reset");
  proxy_->Heal();
  const Caller after(proxy_->port());
  after.Say("again");
  EXPECT_EQ(after.Hear(), "again");
}

TEST_F(FaultProxyTest, IsSilentAndResetsWhatWasLostWhenItIsHealed) {
  const Caller caller(proxy_->port());
  caller.Say("before");
  EXPECT_EQ(caller.Hear(), "before");
  proxy_->Set({.silent = true});
  caller.Say("lost");
  EXPECT_EQ(caller.Hear(kAWhile), "nothing");
  proxy_->Heal();
  EXPECT_EQ(caller.Hear(), "reset");
}

TEST_F(FaultProxyTest, HalfClosedCarriesOutWhatIsAskedAndLosesTheAnswer) {
  const Caller caller(proxy_->port());
  caller.Say("before");
  EXPECT_EQ(caller.Hear(), "before");
  proxy_->HalfClose();
  EXPECT_EQ(caller.Hear(), "end");
  caller.Say("still asked");
  EXPECT_TRUE(echo_.Heard("still asked"));
  EXPECT_EQ(caller.Hear(), "end");
}

TEST_F(FaultProxyTest, ResetsWhereItsTargetIsAway) {
  const std::unique_ptr<FaultProxy> to_nobody = FaultProxy::Open(1);
  EXPECT_EQ(Caller(to_nobody->port()).Hear(), "reset");
}

}  // namespace
}  // namespace holdfast::flow
