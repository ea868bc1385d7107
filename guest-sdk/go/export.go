package drillmaster

import "errors"

var exported func() Group

// Export makes the program a definition: it says what group it is. It is called once, in an init function, and the
// group is made anew for each call of the host.
func Export(group func() Group) {
	exported = group
}

// call runs a hook of the exported group. A panic becomes an error, also one of the error's own that the hook returned.
func call(hook func(Group) error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = newPanic(reason)
		}
	}()
	if exported == nil {
		return errors.New("the definition exports no group: call drillmaster.Export in an init function")
	}
	if err := hook(exported()); err != nil {
		return errors.New(err.Error())
	}
	return nil
}
