// An HTTP request and its answer, as plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // "GET", "POST", …
  std::string path;    // percent-decoded is not: as it came, without query
  std::string query;   // without "?"
  Headers headers;     // names in lower case
  std::string body;

  // The first value of that name (lower case), empty where it is absent.
  std::string_view Header(std::string_view name) const;
  // How often it was sent.
  std::size_t Count(std::string_view name) const;
  // The value of a cookie, empty where it is absent.
  std::string_view Cookie(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  static Response Text(int status, std::string body) {
    return {status, {{"content-type", "text/plain; charset=utf-8"}}, std::move(body)};
  }
};

// "%2F" -> "/", "+" stays; empty optional-like false where an escape is broken.
bool PercentDecode(std::string_view text, std::string& out);

// The value of a query parameter, decoded ("+" means space); false where it is absent or broken.
bool QueryParameter(std::string_view query, std::string_view name, std::string& out);

}  // namespace holdfast::http
