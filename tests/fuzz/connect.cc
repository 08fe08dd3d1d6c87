#include "http/connect.h"

#include <string>
#include <utility>

#include <google/protobuf/message.h>

#include "holdfast/testing/v1/door.pb.h"

#include "base/check.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

// The first line is the target of the request: a GET where it has a query.
http::Request RequestOf(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const std::size_t question = line.find('?');
  http::Request request;
  request.path = std::string(line.substr(0, question));
  if (question == std::string_view::npos) {
    request.method = "POST";
    const bool binary = bytes.ends_with('\0');
    request.headers = {{"content-type", binary ? "application/proto" : "application/json"}};
  } else {
    request.method = "GET";
    request.query = std::string(line.substr(question + 1));
  }
  if (line.size() < bytes.size()) request.body = std::string(bytes.substr(line.size() + 1));
  return request;
}

}  // namespace

void Connect(std::string_view bytes) {
  const http::Request request = RequestOf(bytes);
  int reached = 0;
  int answered = 0;
  int status = 0;
  const http::Backend backend = [&reached](http::UnaryCall call, auto done) {
    ++reached;
    HOLDFAST_CHECK(call.method != nullptr && call.request != nullptr);
    HOLDFAST_CHECK(call.request->GetDescriptor() == call.method->input_type());
    auto told = std::make_unique<testing::v1::Told>();
    told->set_number(7);
    std::move(done)(http::UnaryAnswer{std::move(told), {}});
  };
  http::ServeConnect(backend, request, {}, [&](const http::Response& response) {
    ++answered;
    status = response.status;
  });
  HOLDFAST_CHECK(answered == 1 && reached <= 1);
  // What is no call never reaches a service.
  HOLDFAST_CHECK(reached == 1 || status >= 400);
  if (!http::IsRpcPath(request.path)) HOLDFAST_CHECK(reached == 0);
}

}  // namespace holdfast::fuzz
