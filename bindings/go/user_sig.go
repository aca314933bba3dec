// UserSigs for an app's users: making them, and saying what one holds. Needs no client and sends nothing.

package chat

import (
	"math"
	"time"
)

// PrivateMap is what a PrivateMapKey allows its user in one room of TRTC.
type PrivateMap struct {
	// RoomID is the room's number; StringRoomID its name. A room has one of them.
	RoomID       uint32
	StringRoomID string
	// PrivilegeMap has a bit for each thing that is allowed: 1 make the room, 2 enter it, 4 send and 8
	// receive audio, 16 send and 32 receive video, 64 send and 128 receive the screen; 255 is all.
	PrivilegeMap uint32
}

// InspectedUserSig is what a UserSig says, and whether it fits what it was opened with.
type InspectedUserSig struct {
	Identifier    string
	SDKAppID      uint32
	Made, Expires time.Time
	IsExpired     bool
	// AppMatches and KeyMatches are nil where that was not checked.
	AppMatches, KeyMatches *bool
	// PrivateMap is nil but of a PrivateMapKey.
	PrivateMap *PrivateMap
	// IsValid says whether the service would take it, as far as was checked; Verdict is the first
	// thing that speaks against it.
	IsValid bool
	Verdict string
}

// NewUserSig makes a UserSig for any user of the app (1047/34385), valid for lifetime from now.
// Reveal gives it; whoever has it is that user. A client signs its own calls and needs none.
func NewUserSig(sdkAppID uint32, identifier string, secretKey Secret, lifetime time.Duration) (Secret, error) {
	return newUserSig(sdkAppID, identifier, secretKey, lifetime, nil)
}

// NewPrivateMapKey makes a UserSig that allows its user certain things in one room of TRTC, which
// the vendor calls a PrivateMapKey.
func NewPrivateMapKey(sdkAppID uint32, identifier string, secretKey Secret, lifetime time.Duration, allowed PrivateMap) (Secret, error) {
	return newUserSig(sdkAppID, identifier, secretKey, lifetime, &allowed)
}

func newUserSig(sdkAppID uint32, identifier string, secretKey Secret, lifetime time.Duration, allowed *PrivateMap) (Secret, error) {
	if err := refusal(checkText("identifier", identifier), checkText("secretKey", secretKey.Reveal())); err != nil {
		return Secret{}, err
	}
	if allowed != nil {
		if err := refusal(checkText("allowed.StringRoomID", allowed.StringRoomID)); err != nil {
			return Secret{}, err
		}
	}
	seconds := (lifetime + time.Second - 1) / time.Second
	if lifetime < 0 || seconds > math.MaxUint32 {
		return Secret{}, newError(CodeInvalidArgument, "lifetime: %v; it lies between 1 s and 50 years", lifetime)
	}
	response := makeUserSig(sdkAppID, identifier, secretKey.Reveal(), uint32(seconds), allowed)
	if response.Code != CodeOK {
		return Secret{}, &Error{Response: *response}
	}
	return NewSecret(response.Body), nil
}

// InspectUserSig opens a UserSig, whoever made it. sdkAppID 0 and a secretKey that is not set: that
// is not checked. An error says that it is no UserSig, or damaged.
func InspectUserSig(userSig Secret, sdkAppID uint32, secretKey Secret) (*InspectedUserSig, error) {
	if err := refusal(checkText("userSig", userSig.Reveal()), checkText("secretKey", secretKey.Reveal())); err != nil {
		return nil, err
	}
	response := inspectUserSig(userSig.Reveal(), sdkAppID, secretKey.Reveal())
	if response.Code != CodeOK {
		return nil, &Error{Response: *response}
	}
	var told struct {
		Identifier string `json:"identifier"`
		SDKAppID   uint32 `json:"sdk_app_id"`
		Made       int64  `json:"made"`
		Expires    int64  `json:"expires"`
		Expired    bool   `json:"expired"`
		AppMatches *bool  `json:"app_matches"`
		KeyMatches *bool  `json:"key_matches"`
		PrivateMap *struct {
			RoomID       uint32 `json:"room_id"`
			StringRoomID string `json:"string_room_id"`
			PrivilegeMap uint32 `json:"privilege_map"`
		} `json:"private_map"`
		Valid   bool   `json:"valid"`
		Verdict string `json:"verdict"`
	}
	if err := response.Decode(&told); err != nil {
		return nil, err
	}
	inspected := &InspectedUserSig{
		Identifier: told.Identifier, SDKAppID: told.SDKAppID, Made: time.Unix(told.Made, 0), Expires: time.Unix(told.Expires, 0),
		IsExpired: told.Expired, AppMatches: told.AppMatches, KeyMatches: told.KeyMatches, IsValid: told.Valid, Verdict: told.Verdict,
	}
	if allowed := told.PrivateMap; allowed != nil {
		inspected.PrivateMap = &PrivateMap{RoomID: allowed.RoomID, StringRoomID: allowed.StringRoomID, PrivilegeMap: allowed.PrivilegeMap}
	}
	return inspected, nil
}
