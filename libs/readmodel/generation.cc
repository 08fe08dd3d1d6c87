#include "readmodel/generation.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "readmodel/event_decoder.h"
#include "readmodel/parked_rows.h"

namespace holdfast::readmodel {
namespace {

int NumberOf(const std::string& family) {
  const std::size_t number = family.rfind('#');
  return number == std::string::npos ? 1 : std::atoi(family.c_str() + number + 1);
}

absl::Status DropGeneration(RowStore& store, const std::string& family) {
  RETURN_IF_ERROR(DropParked(store, family));
  const std::vector<std::string> families = store.Families();
  if (std::find(families.begin(), families.end(), family) == families.end()) {
    return absl::OkStatus();
  }
  return store.DropFamily(family);
}

absl::Status WriteGeneration(const RowFold& fold, const std::string& family, RowStore& store) {
  RETURN_IF_ERROR(DropGeneration(store, family));
  RETURN_IF_ERROR(store.CreateFamily(family));
  auto row = fold.rows().begin();
  return store.Ingest(family, [&](std::string& key, std::string& value) {
    if (row == fold.rows().end()) return false;
    key = row->first;
    value = RowBytes(*row->second);
    ++row;
    return true;
  });
}

}  // namespace

absl::Status FoldUpTo(std::uint64_t seq, const ViewType& view, Replay& replay, RowFold& fold) {
  EventDecoder decoder;
  decoder.Want(view);
  return replay.Run({seq, absl::InfiniteFuture(), seq}, [&](const journal::v1::Commit& commit) {
    return decoder.ForEach(commit, [&](const google::protobuf::Message& event,
                                       const EventMeta& meta) { fold.Apply(event, meta); });
  });
}

std::string DigestOf(const RowFold& fold) {
  RowDigest digest;
  for (const auto& [key, row] : fold.rows()) digest.Add(key, RowBytes(*row));
  digest.Add(fold.parked());
  return ToHex(AsBytes(digest.Finish()));
}

absl::StatusOr<std::string> DigestOf(const RowSnapshot& served, const std::string& family) {
  RowDigest digest;
  RETURN_IF_ERROR(served.Scan(family, "", std::nullopt,
                              [&digest](std::string_view key, std::string_view value) {
                                digest.Add(key, value);
                                return true;
                              }));
  ASSIGN_OR_RETURN(const ParkedRows parked, ReadParked(served, family));
  digest.Add(parked);
  return ToHex(AsBytes(digest.Finish()));
}

absl::StatusOr<std::string> WriteNextGeneration(const RowFold& fold, const ViewType& view,
                                                const std::string& served, RowStore& store) {
  const int number = NumberOf(served);
  RETURN_IF_ERROR(DropGeneration(store, absl::StrCat(view.name, "#", number - 1)));
  std::string family = absl::StrCat(view.name, "#", number + 1);
  RETURN_IF_ERROR(WriteGeneration(fold, family, store));
  return family;
}

}  // namespace holdfast::readmodel
