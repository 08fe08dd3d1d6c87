// One page of a list: rows of a view in the order of their keys, from behind the last one shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "readmodel/page_token.h"
#include "readmodel/reader.h"

namespace holdfast::readmodel {

inline constexpr std::size_t kDefaultPage = 50;

// What must be the same on the next page: the request less its page and its freshness.
template <class Request>
std::string FilterOf(Request request) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_read();
  return absl::StrCat(request.GetTypeName(), "\n", request.SerializeAsString());
}

// Adds the rows below `prefix` that `matches` to the answer until the page is full. Answers the
// token of the next page, empty where there is none; kInvalidArgument as ReadPageToken.
template <class V, class Request, class Matching, class Add>
absl::StatusOr<std::string> Page(const Request& request, std::string_view prefix,
                                 const Reader& reader, Matching matches, Add add) {
  const std::string filter = FilterOf(request);
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(filter, request.page_token()));
  const std::size_t wanted = request.page_size() == 0 ? kDefaultPage : request.page_size();
  std::size_t given = 0;
  std::string last;
  std::string token;
  RETURN_IF_ERROR(
      reader.Scan<V>(prefix, after, 0, [&](std::string_view key, const typename V::Row& row) {
        if (!matches(row)) return true;
        if (given == wanted) {
          token = MakePageToken(filter, last);
          return false;
        }
        add(row);
        last = std::string(key);
        ++given;
        return true;
      }));
  return token;
}

}  // namespace holdfast::readmodel
