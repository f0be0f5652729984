#include "identity_set.hpp"

#include <new>

namespace penstock::fetch_stage {

identity& identity_set::take(const std::string& exit) {
    auto at = all_.find(exit);
    if (at == all_.end()) {
        auto made = std::make_unique<identity>();
        made->exit = exit;
        made->id = next_id_++;
        made->share.reset(curl_share_init());
        CURLSH* const share = made->share.get();
        // Names of hosts are not shared here: those each multi handle knows for all.
        const bool well = share != nullptr
                          && curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) == CURLSHE_OK
                          && curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK;
        if (!well) throw std::bad_alloc();
        at = all_.emplace(exit, std::move(made)).first;
        resting_.push_back(*at->second);
    }
    identity& one = *at->second;
    if (one.users++ == 0) resting_.erase(one);
    return one;
}

void identity_set::give_back(identity& one) noexcept {
    if (--one.users == 0) resting_.push_back(one);
}

bool identity_set::drop_one() noexcept {
    identity* const oldest = resting_.pop_front();
    if (oldest == nullptr) return false;
    all_.erase(all_.find(oldest->exit));
    return true;
}

}  // namespace penstock::fetch_stage
