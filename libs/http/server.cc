#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>  // before Asio, which forgets it
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/error.h"
#include "http/connect.h"

namespace holdfast::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Tcp = asio::ip::tcp;

class Connections;

// One connection: read a request, hand it over, write the answer, read the next.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, const ServerOptions& options, const Server::Handler& handler,
             Connections& all)
      : stream_(std::move(socket)), options_(options), handler_(handler), all_(all) {}

  void Begin() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->Read(); });
  }
  // Closes it unless a request is being answered; that answer is then the last.
  void CloseWhenIdle() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      self->last_ = true;
      if (!self->answering_) self->Close();
    });
  }

 private:
  void Read();
  void OnRead(beast::error_code error);
  void Answer(Response response);
  void Close();
  int Rejection(beast::error_code error) const;
  Response BodyTooLarge() const;

  beast::tcp_stream stream_;
  const ServerOptions& options_;
  const Server::Handler& handler_;
  Connections& all_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  bhttp::response<bhttp::string_body> response_;
  bool keep_alive_ = false;
  bool head_ = false;
  bool answering_ = false;
  bool last_ = false;
};

class Connections {
 public:
  void Add(const std::shared_ptr<Connection>& connection) {
    const absl::MutexLock lock(&mutex_);
    std::erase_if(open_, [](const auto& weak) { return weak.expired(); });
    open_.push_back(connection);
  }
  void CloseIdle() {
    const absl::MutexLock lock(&mutex_);
    for (const auto& weak : open_) {
      if (const auto connection = weak.lock()) connection->CloseWhenIdle();
    }
  }
  void Begun() {
    const absl::MutexLock lock(&mutex_);
    ++answering_;
  }
  void Answered() {
    const absl::MutexLock lock(&mutex_);
    --answering_;
  }
  void WaitUntilAnswered(absl::Duration most) {
    const absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return answering_ == 0; };
    mutex_.AwaitWithTimeout(absl::Condition(&none), most);
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<Connection>> open_ ABSL_GUARDED_BY(mutex_);
  int answering_ ABSL_GUARDED_BY(mutex_) = 0;
};

void Connection::Read() {
  parser_.emplace();
  parser_->body_limit(options_.max_body_bytes);
  parser_->header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
  stream_.expires_after(std::chrono::milliseconds(absl::ToInt64Milliseconds(options_.idle)));
  bhttp::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, std::size_t) { self->OnRead(error); });
}

int Connection::Rejection(beast::error_code error) const {
  if (error == bhttp::error::body_limit) return 413;
  if (error == bhttp::error::header_limit) return 431;
  if (error.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
      error != bhttp::error::end_of_stream && error != bhttp::error::partial_message) {
    return 400;
  }
  return 0;
}

// In the form of every error of a call: who sends so much is a program.
Response Connection::BodyTooLarge() const {
  Response response = ErrorResponse(ErrorWithReason(
      absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
      absl::StrCat("The body is too large: at most ", options_.max_body_bytes,
                   " bytes are taken here. Send less at once, a batch in several calls.")));
  response.status = 413;
  return response;
}

void Connection::OnRead(beast::error_code error) {
  if (error) {
    const int status = Rejection(error);
    if (status == 0) return Close();
    keep_alive_ = false;
    head_ = false;
    answering_ = true;
    all_.Begun();
    if (status == 413) return Answer(BodyTooLarge());
    return Answer(Response::Text(
        status, status == 431 ? "The headers are too large.\n" : "This is not an HTTP request.\n"));
  }
  const bhttp::request<bhttp::string_body> message = parser_->release();
  keep_alive_ = message.keep_alive() && !last_;
  head_ = message.method() == bhttp::verb::head;
  answering_ = true;
  all_.Begun();
  stream_.expires_never();
  if (message.target().size() > options_.max_target_bytes) {
    return Answer(Response::Text(414, "The address is too long.\n"));
  }
  Request request;
  request.method = std::string(message.method_string());
  const std::string target(message.target());
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  for (const auto& field : message) {
    request.headers.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())),
                                 std::string(field.value()));
  }
  request.body = message.body();
  handler_(std::move(request), [self = shared_from_this()](Response response) mutable {
    asio::post(self->stream_.get_executor(), [self, response = std::move(response)]() mutable {
      self->Answer(std::move(response));
    });
  });
}

void Connection::Answer(Response response) {
  response_ = {};
  response_.version(11);
  response_.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) response_.insert(name, value);
  for (const auto& [name, value] : options_.headers) response_.insert(name, value);
  response_.keep_alive(keep_alive_ && !last_);
  const std::size_t length = response.body.size();
  if (!head_) response_.body() = std::move(response.body);
  response_.content_length(length);
  bhttp::async_write(stream_, response_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       self->answering_ = false;
                       self->all_.Answered();
                       if (error || !self->response_.keep_alive()) return self->Close();
                       self->Read();
                     });
}

void Connection::Close() {
  beast::error_code ignored;
  stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
  stream_.close();
}

class BeastServer final : public Server {
 public:
  BeastServer(const ServerOptions& options, Handler handler)
      : options_(options), handler_(std::move(handler)), acceptor_(context_) {}

  ~BeastServer() override { Stop(absl::ZeroDuration()); }

  absl::Status Listen() {
    beast::error_code error;
    const auto address = asio::ip::make_address(options_.host, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("listen.host must be an IP address of this machine, such as 127.0.0.1"));
    }
    const Tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use) {
      return absl::UnavailableError(
          absl::StrCat("port ", options_.port, " on ", options_.host,
                       " is taken by another program; stop it, or choose another with --port"));
    }
    if (error) {
      return absl::UnavailableError(absl::StrCat("port ", options_.port, " on ", options_.host,
                                                 " cannot be used: ", error.message(),
                                                 "; choose another with --port"));
    }
    port_ = acceptor_.local_endpoint().port();
    Accept();
    for (int i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this] { context_.run(); });
    }
    return absl::OkStatus();
  }

  std::uint16_t port() const override { return port_; }

  void Stop(absl::Duration drain) override {
    if (stopped_.exchange(true)) return;
    asio::post(context_, [this] {
      beast::error_code ignored;
      acceptor_.close(ignored);
    });
    connections_.CloseIdle();
    connections_.WaitUntilAnswered(drain);
    context_.stop();
    threads_.clear();
  }

 private:
  void Accept() {
    acceptor_.async_accept(
        asio::make_strand(context_), [this](beast::error_code error, Tcp::socket socket) {
          if (error == asio::error::operation_aborted) return;
          if (!error) {
            beast::error_code ignored;
            socket.set_option(Tcp::no_delay(true), ignored);
            const auto connection =
                std::make_shared<Connection>(std::move(socket), options_, handler_, connections_);
            connections_.Add(connection);
            connection->Begin();
          }
          if (acceptor_.is_open()) Accept();
        });
  }

  const ServerOptions options_;
  const Handler handler_;
  asio::io_context context_;
  Connections connections_;
  Tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      Handler handler) {
  auto server = std::make_unique<BeastServer>(options, std::move(handler));
  if (absl::Status listening = server->Listen(); !listening.ok()) return listening;
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace holdfast::http
