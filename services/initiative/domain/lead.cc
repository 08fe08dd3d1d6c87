#include "initiative/domain/lead.h"

#include <algorithm>
#include <array>

namespace holdfast::initiative {

using type::v1::Agency;

type::v1::Agency::Class ClassOf(Agency::Type type) {
  static constexpr std::array kPolice = {Agency::POLICE, Agency::NCA_ROCU};
  static constexpr std::array kAuthority = {Agency::COUNCIL, Agency::CSP, Agency::OPCC};
  static constexpr std::array kCommunity = {Agency::VOLUNTARY, Agency::BUSINESS, Agency::FAITH,
                                            Agency::RESIDENTS};
  if (type == Agency::TYPE_UNSPECIFIED) return Agency::CLASS_UNSPECIFIED;
  if (std::ranges::find(kPolice, type) != kPolice.end()) return Agency::POLICE_CLASS;
  if (std::ranges::find(kAuthority, type) != kAuthority.end()) return Agency::LOCAL_AUTHORITY_CLASS;
  if (std::ranges::find(kCommunity, type) != kCommunity.end()) return Agency::COMMUNITY_CLASS;
  return Agency::PARTNER_CLASS;
}

type::v1::Agency::Class LeadClassOf(v1::Phase::Code phase) {
  if (phase == v1::Phase::PREPARE || phase == v1::Phase::CLEAR) return Agency::POLICE_CLASS;
  if (phase == v1::Phase::HOLD) return Agency::PARTNER_CLASS;
  if (phase == v1::Phase::BUILD) return Agency::LOCAL_AUTHORITY_CLASS;
  if (phase == v1::Phase::SUSTAIN) return Agency::COMMUNITY_CLASS;
  return Agency::CLASS_UNSPECIFIED;
}

}  // namespace holdfast::initiative
