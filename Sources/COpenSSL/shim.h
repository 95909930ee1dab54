#pragma once
// The low-level SHA-256 functions need no library initialisation (0.5 ms of a command's start).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
