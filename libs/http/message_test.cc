#include "http/message.h"

#include <gtest/gtest.h>

namespace holdfast::http {
namespace {

TEST(Message, FindsACookieByItsWholeName) {
  Request request;
  request.headers = {{"cookie", "xholdfast-dev=no; holdfast-dev=yes; other=1"}};
  EXPECT_EQ(request.Cookie("holdfast-dev"), "yes");
  EXPECT_EQ(request.Cookie("holdfast"), "");
}

TEST(Message, DecodesEscapesAndRefusesBrokenOnes) {
  std::string out;
  EXPECT_TRUE(PercentDecode("a%2Fb%20c", out));
  EXPECT_EQ(out, "a/b c");
  EXPECT_FALSE(PercentDecode("a%2", out));
  EXPECT_FALSE(PercentDecode("a%zz", out));
  EXPECT_TRUE(QueryParameter("x=1&message=%7B%7D&y", "message", out));
  EXPECT_EQ(out, "{}");
  EXPECT_FALSE(QueryParameter("x=1", "message", out));
}

}  // namespace
}  // namespace holdfast::http
