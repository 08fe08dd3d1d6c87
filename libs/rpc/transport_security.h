// How the processes of a deployment know each other: TLS with a certificate on both sides, from a
// certificate authority of the deployment's own.
//
//   URI SAN   spiffe://holdfast/<environment>/<service>     exactly one name in a leaf
//
// Whoever has none of this environment never reaches HTTP/2. The files are read again when they
// change: a leaf lives a day, new connections use the new one, and what runs goes on until its
// connection is old.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace holdfast::rpc {

// PEM. Replaced together: the folder that they stand in is exchanged as a whole (a link to
// another).
struct TransportFiles {
  std::string ca_file;           // whom a certificate must lead to
  std::string certificate_file;  // the leaf, then what leads to the authority
  std::string key_file;          // of the leaf; nobody else may read it
};

// ca.crt, tls.crt and tls.key of a folder: as orchestrators mount them, and deploy/tls makes them.
TransportFiles TransportFilesIn(const std::string& folder);

class TransportSecurity {
 public:
  // `environment`: "production", the second part of every name. kFailedPrecondition and a sentence
  // where a file is not there or others can read the key (but a group to which root hands it). The
  // files are looked at each `look`, whole seconds.
  static absl::StatusOr<std::shared_ptr<const TransportSecurity>> Open(
      const TransportFiles& files, std::string environment, absl::Duration look = absl::Minutes(1));

  std::shared_ptr<grpc::ServerCredentials> OfServer() const;
  std::shared_ptr<grpc::ChannelCredentials> OfClient() const;

 private:
  TransportSecurity(TransportFiles files, std::string environment, absl::Duration look)
      : files_(std::move(files)), environment_(std::move(environment)), look_(look) {}

  const TransportFiles files_;
  const std::string environment_;
  const absl::Duration look_;
};

// "initiative" of "spiffe://holdfast/production/initiative" in the environment "production"; empty
// for anything else.
std::string ServiceOf(std::string_view name, std::string_view environment);

// To a process of the same environment. Never fails; a call says when nobody answers.
std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address,
                                         const TransportSecurity& security);

}  // namespace holdfast::rpc
