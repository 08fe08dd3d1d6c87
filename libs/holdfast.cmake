# The verbs by which every target of Holdfast is made. DEPS is the whole truth about what a target needs.
#
#   holdfast_proto(<name> DIR <folder below proto/> [DEPS …])     messages of one package; generated, never committed
#   holdfast_library(<name> SRCS … [DEPS …])                       a room of libs/, or the wiring of a service
#   holdfast_domain(<context> SRCS … [ALSO …])                     deciders and views: pure, so it takes no DEPS
#   holdfast_service(<name> SRCS … [DEPS …] [OUTPUT …])            a program, left in bin/
#   holdfast_test(<name> SRCS … [DEPS …] [LABELS …] [TIMEOUT …])   a GoogleTest program, run by ctest
#   holdfast_precompile(<target> <header> …)                       reads these headers once for all files of a target

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1" CACHE STRING "everyday build" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1" CACHE STRING "assertions stay on: they are invariants" FORCE)

find_program(HOLDFAST_CCACHE ccache)
if(HOLDFAST_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/libs/compiler.sh)
endif()
find_program(HOLDFAST_MOLD mold)
if(HOLDFAST_MOLD AND NOT HOLDFAST_SANITIZE STREQUAL "fuzz")
  add_link_options(-fuse-ld=mold)
endif()

# Repeatable arithmetic (libs/statistics), a hardened standard library, and no path of the builder's machine in a binary.
add_compile_options(-ffp-contract=off -D_GLIBCXX_ASSERTIONS "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(HOLDFAST_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(HOLDFAST_SANITIZE STREQUAL "thread")
  # Boost has fences, which ThreadSanitizer does not know. Debian's libraries are built without it: their headers must not
  # be laid out for it (-U), and their locks are told to it by libs/base/tsan_absl.cc.
  add_compile_options(-fsanitize=thread -Wno-tsan -U__SANITIZE_THREAD__)
  add_link_options(-fsanitize=thread)
  foreach(call 5Mutex4LockEv 5Mutex6UnlockEv 5Mutex10ReaderLockEv 5Mutex12ReaderUnlockEv 5Mutex7TryLockEv
               5Mutex5AwaitERKNS0_9ConditionE 5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE
               5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE 7CondVar4WaitEPNS0_5MutexE
               7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE 12Notification6NotifyEv)
    add_link_options(-Wl,--wrap=_ZN4absl7debian3${call})
  endforeach()
  foreach(call 19WaitForNotificationEv 30WaitForNotificationWithTimeoutENS0_8DurationE
               31WaitForNotificationWithDeadlineENS0_4TimeE)
    add_link_options(-Wl,--wrap=_ZNK4absl7debian312Notification${call})
  endforeach()
elseif(HOLDFAST_SANITIZE STREQUAL "fuzz")
  add_compile_options(-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
else()
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
endif()

set(HOLDFAST_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wundef
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond$<SEMICOLON>-Wduplicated-branches$<SEMICOLON>-Wlogical-op$<SEMICOLON>-Wuseless-cast>
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
    # GCC 12 sees overlapping copies in std::string's operator+ at -O2 (GCC bug 105329); ends with GCC 13.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>
    $<$<BOOL:${HOLDFAST_WERROR}>:-Werror>)

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf REQUIRED)          # before gRPC: its package file asks for this one
find_package(absl REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(RocksDB REQUIRED)
find_package(GTest REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(mimalloc CONFIG REQUIRED)
find_package(tl-expected REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(GEOS REQUIRED IMPORTED_TARGET geos)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(LIBCURL REQUIRED IMPORTED_TARGET libcurl)
# Debian's librdkafka is what is supported; a newer one is taken from where it was installed. Found anew whenever the prefix
# changes: pkg_check_modules keeps what it found once.
set(HOLDFAST_RDKAFKA_PREFIX "" CACHE PATH "Prefix of a newer librdkafka than the system's (it holds lib/pkgconfig)")
if(NOT "${HOLDFAST_RDKAFKA_PREFIX}" STREQUAL "${HOLDFAST_RDKAFKA_FOUND_IN}")
  unset(__pkg_config_checked_RDKAFKA CACHE)
  unset(pkgcfg_lib_RDKAFKA_rdkafka CACHE)
endif()
set(HOLDFAST_RDKAFKA_FOUND_IN "${HOLDFAST_RDKAFKA_PREFIX}" CACHE INTERNAL "")
set(pkg_config_path "$ENV{PKG_CONFIG_PATH}")
if(HOLDFAST_RDKAFKA_PREFIX)
  set(ENV{PKG_CONFIG_PATH} "${HOLDFAST_RDKAFKA_PREFIX}/lib/pkgconfig:${pkg_config_path}")
endif()
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)
set(ENV{PKG_CONFIG_PATH} "${pkg_config_path}")

include(GoogleTest)

function(_holdfast_target name)
  target_include_directories(${name} PUBLIC ${HOLDFAST_INCLUDE_ROOTS})
  target_compile_options(${name} PRIVATE ${HOLDFAST_WARNINGS})
endfunction()

# Generated code is SYSTEM (no warnings), compiled at -O1 (released: -O2), and linked whole: a descriptor that no code names must still
# be in the pool, since the door, the gateway and the command line work by reflection.
function(holdfast_proto name)
  cmake_parse_arguments(ARG "" "DIR" "DEPS" ${ARGN})
  file(GLOB protos CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/${ARG_DIR}/*.proto)
  set(out ${CMAKE_BINARY_DIR}/gen)
  set(sources)
  foreach(proto ${protos})
    file(RELATIVE_PATH relative ${CMAKE_SOURCE_DIR}/proto ${proto})
    string(REGEX REPLACE "\\.proto$" "" stem ${relative})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb.cc ${out}/${stem}.pb.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
      COMMAND protobuf::protoc -I ${CMAKE_SOURCE_DIR}/proto --cpp_out=${out} ${relative}
      DEPENDS ${proto} protobuf::protoc
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/proto
      COMMENT "protoc ${relative}" VERBATIM)
    list(APPEND sources ${out}/${stem}.pb.cc)
  endforeach()
  add_library(${name}_code STATIC ${sources})
  target_include_directories(${name}_code SYSTEM PUBLIC ${out})
  target_compile_options(${name}_code PRIVATE $<IF:$<CONFIG:Release>,-O2,-O1> -g0 -w)
  target_link_libraries(${name}_code PUBLIC protobuf::libprotobuf)
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${out})
  target_link_libraries(${name} INTERFACE "$<LINK_LIBRARY:WHOLE_ARCHIVE,${name}_code>" ${ARG_DEPS})
  add_dependencies(${name} ${name}_code)
  foreach(dep ${ARG_DEPS})
    add_dependencies(${name}_code ${dep}_code)
  endforeach()
endfunction()

function(holdfast_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  if(ARG_SRCS)
    add_library(${name} STATIC ${ARG_SRCS})
    _holdfast_target(${name})
    target_link_libraries(${name} PUBLIC ${ARG_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${HOLDFAST_INCLUDE_ROOTS})
    target_link_libraries(${name} INTERFACE ${ARG_DEPS})
  endif()
endfunction()

# Deciders and views of one context: <context>_domain. It may see its own proto, the words of type/v1, base, statistics
# and the two concepts; it can name nothing else, so it takes no DEPS. ALSO names the proto of a context whose facts the
# views of projection fold.
function(holdfast_domain context)
  cmake_parse_arguments(ARG "" "" "SRCS;ALSO" ${ARGN})
  add_library(${context}_domain STATIC ${ARG_SRCS})
  _holdfast_target(${context}_domain)
  set(protos ${ARG_ALSO})
  if(TARGET ${context}_proto)
    list(APPEND protos ${context}_proto)
  endif()
  target_link_libraries(${context}_domain PUBLIC ${protos} type_proto options_proto holdfast_base holdfast_statistics
                                                 holdfast_concepts)
endfunction()

function(holdfast_service name)
  cmake_parse_arguments(ARG "" "OUTPUT" "SRCS;DEPS" ${ARGN})
  if(NOT ARG_OUTPUT)
    set(ARG_OUTPUT holdfast-${name})
  endif()
  add_executable(holdfast_${name}_main ${ARG_SRCS})
  _holdfast_target(holdfast_${name}_main)
  target_link_libraries(holdfast_${name}_main PRIVATE ${ARG_DEPS})
  # Programs allocate by mimalloc (docs/decisions/0001). No code names it, so the linker must be told to keep it; the
  # sanitizers bring an allocator of their own.
  if(NOT HOLDFAST_SANITIZE)
    target_link_libraries(holdfast_${name}_main PRIVATE -Wl,--push-state,--no-as-needed mimalloc -Wl,--pop-state)
  endif()
  set_target_properties(holdfast_${name}_main PROPERTIES OUTPUT_NAME ${ARG_OUTPUT}
                                                         RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

function(holdfast_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SRCS})
  _holdfast_target(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(HOLDFAST_SANITIZE STREQUAL "thread")
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 10")  # it is ten times slower
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
                         "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp second_deadlock_stack=1")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# Generated headers of protobuf are large: reading one costs seconds. A target of many files reads them once. The sources
# still include what they use; a build with -DHOLDFAST_PCH=OFF, and every Clang build, holds them to it.
option(HOLDFAST_PCH "Precompile the headers that many files read (GCC)" ON)
function(holdfast_precompile target)
  if(HOLDFAST_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_precompile_headers(${target} PRIVATE ${ARGN})
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()
