#include "lockstep_verbs.h"

#include <errno.h>

#include "verbs_library.h"

#ifdef LOCKSTEP_VERBS
#include <dlfcn.h>
#include <pthread.h>

struct verbs_library verbs_library;

static int result;

static void load(void) {
    // Never closed: its threads and tables last as long as the process.
    void *handle = dlopen("libibverbs.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        result = -ENOENT;
        return;
    }
    const struct {
        const char *name;
        void *place;
    } symbols[] = {
        {"ibv_get_device_list", &verbs_library.get_device_list},
        {"ibv_free_device_list", &verbs_library.free_device_list},
        {"ibv_get_device_name", &verbs_library.get_device_name},
        {"ibv_open_device", &verbs_library.open_device},
        {"ibv_close_device", &verbs_library.close_device},
        {"ibv_query_device", &verbs_library.query_device},
        {"ibv_query_port", &verbs_library.query_port},
        {"ibv_alloc_pd", &verbs_library.alloc_pd},
        {"ibv_dealloc_pd", &verbs_library.dealloc_pd},
        {"ibv_reg_mr", &verbs_library.reg_mr},
        {"ibv_dereg_mr", &verbs_library.dereg_mr},
        {"ibv_create_comp_channel", &verbs_library.create_comp_channel},
        {"ibv_destroy_comp_channel", &verbs_library.destroy_comp_channel},
        {"ibv_create_cq", &verbs_library.create_cq},
        {"ibv_destroy_cq", &verbs_library.destroy_cq},
        {"ibv_get_cq_event", &verbs_library.get_cq_event},
        {"ibv_ack_cq_events", &verbs_library.ack_cq_events},
        {"ibv_create_qp", &verbs_library.create_qp},
        {"ibv_destroy_qp", &verbs_library.destroy_qp},
        {"ibv_modify_qp", &verbs_library.modify_qp},
        {"ibv_wc_status_str", &verbs_library.wc_status_str},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *address = dlsym(handle, symbols[i].name);
        if (!address) {
            result = -ENOSYS;
            return;
        }
        *(void **)symbols[i].place = address;
    }
}

int lockstep_verbs_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return result;
}
#endif
