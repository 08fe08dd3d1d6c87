#include "http/fetch.h"

#include <memory>
#include <string_view>

#include <curl/curl.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace holdfast::http {
namespace {

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Received {
  std::string body;
  std::size_t max_bytes = 0;
};

std::size_t Receive(char* bytes, std::size_t size, std::size_t count, void* into) {
  auto& received = *static_cast<Received*>(into);
  const std::size_t length = size * count;
  if (received.body.size() + length > received.max_bytes) return 0;  // ends the transfer
  received.body.append(bytes, length);
  return length;
}

// Once a process, before any handle.
void StartLibrary() {
  static const bool started = [] {
    HOLDFAST_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    return true;
  }();
  static_cast<void>(started);
}

bool IsPlainLoopback(std::string_view address) {
  return address.starts_with("http://127.") || address.starts_with("http://[::1]");
}

template <class Value>
void Set(CURL* handle, CURLoption option, Value value) {
  HOLDFAST_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

void SetRules(CURL* handle, const FetchRules& rules, bool plain) {
  const long patience = absl::ToInt64Milliseconds(rules.patience);
  Set(handle, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  Set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  Set(handle, CURLOPT_PROXY, "");
  Set(handle, CURLOPT_NOSIGNAL, 1L);
  Set(handle, CURLOPT_TIMEOUT_MS, patience);
  Set(handle, CURLOPT_CONNECTTIMEOUT_MS, patience);
  Set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  Set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (rules.ca_file.empty()) return;
  Set(handle, CURLOPT_CAINFO, rules.ca_file.c_str());
  Set(handle, CURLOPT_CAPATH, nullptr);
}

absl::Status Failure(CURLcode code, const FetchRules& rules) {
  switch (code) {
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
      return absl::ResourceExhaustedError(
          absl::StrCat("the answer is larger than ", rules.max_bytes, " bytes"));
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return absl::InvalidArgumentError("the address is none of https");
    default:
      return absl::UnavailableError(curl_easy_strerror(code));
  }
}

}  // namespace

absl::StatusOr<Response> Fetch(const Outgoing& outgoing, const FetchRules& rules) {
  const bool plain = IsPlainLoopback(outgoing.address);
  if (!(plain && rules.plain_loopback) && !outgoing.address.starts_with("https://")) {
    return absl::InvalidArgumentError("the address is none of https");
  }
  StartLibrary();
  const std::unique_ptr<CURL, FreeHandle> handle(curl_easy_init());
  HOLDFAST_CHECK(handle != nullptr);
  SetRules(handle.get(), rules, plain);
  Set(handle.get(), CURLOPT_URL, outgoing.address.c_str());

  std::unique_ptr<curl_slist, FreeList> headers;
  for (const auto& [name, value] : outgoing.headers) {
    curl_slist* longer = curl_slist_append(headers.get(), absl::StrCat(name, ": ", value).c_str());
    HOLDFAST_CHECK(longer != nullptr);
    static_cast<void>(headers.release());
    headers.reset(longer);
  }
  Set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  if (outgoing.method == "POST") {
    Set(handle.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(outgoing.body.size()));
    Set(handle.get(), CURLOPT_POSTFIELDS, outgoing.body.c_str());
  }

  Received received{"", rules.max_bytes};
  Set(handle.get(), CURLOPT_WRITEFUNCTION, Receive);
  Set(handle.get(), CURLOPT_WRITEDATA, static_cast<void*>(&received));
  if (const CURLcode code = curl_easy_perform(handle.get()); code != CURLE_OK) {
    return Failure(code, rules);
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  return Response{static_cast<int>(status), {}, std::move(received.body)};
}

}  // namespace holdfast::http
