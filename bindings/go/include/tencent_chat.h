/* A stand-in, for builds inside the repository. `make go-module` puts the real header in its place. */
#ifdef __has_include
#if !__has_include("../../../include/tencent_chat.h")
#error "these are the sources of the module, not a release of it, and they carry no library: `go get` a released version, or clone the repository and run `make go-module` there"
#endif
#endif
#include "../../../include/tencent_chat.h"
