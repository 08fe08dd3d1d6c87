// What the commands of the directory have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/receipts.h"
#include "cli/rpc_names.h"

namespace holdfast::cli {

// `method`: its full name.
template <class Request>
absl::Status SendTo(Invocation& in, const std::string& method, const Request& request) {
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(method, request, receipt));
  return PrintReceipt(in, receipt);
}

// Every page of a list in one answer. `merge` takes the rows of one page.
template <class Answer, class Request>
absl::StatusOr<Answer> AllPages(Invocation& in, const std::string& method, Request request) {
  request.set_page_size(1000);
  Answer all;
  do {
    Answer page;
    RETURN_IF_ERROR(in.session().Call(method, request, page));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  return all;
}

// Values of an enumeration, as Invocation::Code reads one.
absl::StatusOr<std::vector<int>> CodesOf(const Invocation& in, std::string_view name,
                                         const google::protobuf::EnumDescriptor& codes);

// The bytes of --code or --sha256: 64 hexadecimal digits.
absl::StatusOr<std::string> DigestOf(const Invocation& in, std::string_view name);

Option ReasonOption();

}  // namespace holdfast::cli
