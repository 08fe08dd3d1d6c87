#include "security/sealing_fuzz.h"

#include <string>

#include "base/check.h"
#include "base/random.h"
#include "security/sealing.h"
#include "security/sealing_example.h"

namespace holdfast::security {
namespace {

struct World {
  SeededRandom random{1};
  SecretKey lease_key = SecretKey::Generate(random);
  std::string genuine;

  World() {
    journal::v1::SealedField field = FieldOfAda();
    type::v1::Personal ada;
    ada.set_text("Ada");
    Seal(lease_key.view(), ada, random, field);
    genuine = field.SerializeAsString();
  }

  void Try(std::string_view bytes) const {
    const auto field = ParseSealedField(bytes);
    if (!field) return;
    HOLDFAST_CHECK(field->SerializeAsString() == bytes);
    const ValueKeys keys = ValueKeysOf(lease_key.view(), field->salt(), AssociatedData(*field));
    HOLDFAST_CHECK(!Unseal(keys, *field).has_value() || bytes == genuine);
  }
};

}  // namespace

void FuzzSealedField(std::string_view bytes) {
  static const World& world = *new World;
  world.Try(bytes);
  // The bytes as a change: from where, then what stands there instead.
  if (!bytes.empty()) {
    std::string changed = world.genuine;
    const std::size_t at = static_cast<unsigned char>(bytes[0]) * changed.size() / 256;
    changed.replace(at, bytes.size() - 1, bytes.substr(1));
    world.Try(changed);
  }
  HOLDFAST_CHECK(!UnwrapKey(world.lease_key.view(), bytes, "labels").has_value());
}

}  // namespace holdfast::security
