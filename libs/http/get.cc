#include "http/get.h"

#include <optional>
#include <utility>  // before Asio, which forgets it

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace holdfast::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

// Connect, write, read, one after the other on one thread.
class Exchange {
 public:
  Exchange(asio::io_context& loop, const asio::ip::tcp::endpoint& to, const std::string& path)
      : stream_(loop), request_(bhttp::verb::get, path, 11) {
    request_.set(bhttp::field::host, absl::StrCat(to.address().to_string(), ":", to.port()));
    request_.set(bhttp::field::connection, "close");
    stream_.async_connect(to, [this](beast::error_code error) { OnConnect(error); });
  }

  bool done() const { return done_; }
  beast::error_code error() const { return error_; }
  Response answer() const {
    return Response::Text(static_cast<int>(answer_.result_int()), answer_.body());
  }

 private:
  bool Failed(beast::error_code error) {
    error_ = error;
    return static_cast<bool>(error);
  }
  void OnConnect(beast::error_code error) {
    if (Failed(error)) return;
    bhttp::async_write(stream_, request_,
                       [this](beast::error_code failed, std::size_t) { OnWrite(failed); });
  }
  void OnWrite(beast::error_code error) {
    if (Failed(error)) return;
    bhttp::async_read(stream_, buffer_, answer_,
                      [this](beast::error_code failed, std::size_t) { done_ = !Failed(failed); });
  }

  beast::tcp_stream stream_;
  bhttp::request<bhttp::empty_body> request_;
  beast::flat_buffer buffer_;
  bhttp::response<bhttp::string_body> answer_;
  beast::error_code error_;
  bool done_ = false;
};

}  // namespace

absl::StatusOr<Response> Get(const std::string& host, std::uint16_t port, const std::string& path,
                             absl::Duration patience) {
  beast::error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (no_address) {
    return absl::InvalidArgumentError(
        absl::StrCat(host, " is no address; write it as in 127.0.0.1"));
  }
  asio::io_context loop;
  Exchange exchange(loop, {address, port}, path);
  loop.run_for(absl::ToChronoMilliseconds(patience));
  if (exchange.done()) return exchange.answer();
  const std::string why = exchange.error()
                              ? exchange.error().message()
                              : absl::StrCat("no answer within ", absl::FormatDuration(patience));
  return absl::UnavailableError(absl::StrCat(host, ":", port, path, ": ", why));
}

}  // namespace holdfast::http
