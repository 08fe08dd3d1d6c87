// One request to somebody whom the configuration names, over HTTPS, blocking: the keys and tokens
// of an OpenID provider.
//
// What can be turned against us is off: no redirect is followed, no proxy of the environment is
// used, no cookie is kept, nothing is decompressed.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/message.h"

namespace holdfast::http {

struct Outgoing {
  std::string method = "GET";  // or "POST"
  std::string address;         // "https://sign-in.example/keys"
  Headers headers;
  std::string body;
};

struct FetchRules {
  // Certificates in PEM that the other side's must lead to; empty: those of the system.
  std::string ca_file;
  // Plain HTTP to 127.0.0.0/8 and ::1 is taken: in development.
  bool plain_loopback = false;
  std::size_t max_bytes = 64U << 10U;
  absl::Duration patience = absl::Seconds(2);
};

//   returns   status and body, whatever the status; TLS 1.2 or newer
//   errors    kInvalidArgument: no address that may be asked; kUnavailable: nobody answers, not in
//             time, or not by a certificate that is believed; kResourceExhausted: it is too large
absl::StatusOr<Response> Fetch(const Outgoing& outgoing, const FetchRules& rules);

}  // namespace holdfast::http
