#include "eventsourcing/command_ids.h"

#include <algorithm>
#include <string>

#include "holdfast/type/v1/type.pb.h"

#include "base/hash.h"

namespace holdfast::eventsourcing {
namespace {

class Items {
 public:
  Items& Add(std::string_view text) {
    AppendBigEndian32(bytes_, static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  Items& Add(std::uint64_t number) {
    AppendBigEndian32(bytes_, 8);
    AppendBigEndian64(bytes_, number);
    return *this;
  }
  Uuid Id() const {
    const Hash hash = Sha256Of(bytes_);
    Uuid id{};
    std::copy_n(hash.begin(), id.size(), id.begin());
    return id;
  }

 private:
  std::string bytes_;
};

Uuid IdOf(std::string_view use, std::string_view tenant, const type::v1::CausedBy& caused_by) {
  return Items()
      .Add(use)
      .Add(tenant)
      .Add(caused_by.reactor())
      .Add(caused_by.context())
      .Add(caused_by.seq())
      .Add(std::uint64_t{caused_by.event()})
      .Add(std::uint64_t{caused_by.command()})
      .Id();
}

}  // namespace

Uuid TimerCommandId(const TimerOccasion& occasion) {
  return Items()
      .Add(occasion.tenant)
      .Add(occasion.context)
      .Add(occasion.stream)
      .Add(occasion.version)
      .Add(occasion.kind)
      .Add(static_cast<std::uint64_t>(absl::ToUnixNanos(occasion.at)))
      .Id();
}

Uuid ReactionCommandId(std::string_view tenant, const type::v1::CausedBy& caused_by) {
  return IdOf("reaction", tenant, caused_by);
}

Uuid RetryCommandId(std::string_view tenant, const type::v1::CausedBy& caused_by) {
  return IdOf("retry", tenant, caused_by);
}

}  // namespace holdfast::eventsourcing
