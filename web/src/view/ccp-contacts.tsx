/** The contacts that the agent has or is offered, and what is known of the customer of the active one. */
import { type CcpContact, isHad } from "../ccp/ccp-contact.ts";
import type { ContactControl } from "../ccp/contact-control.ts";
import { channelWords, PHASE_WORDS } from "./ccp-words.ts";

/** Nothing where there is none. */
export function Contacts({ control }: { readonly control: ContactControl }) {
  const { contacts, activeId } = control.state.value;
  const active = control.active.value;
  if (contacts.length === 0) {
    return null;
  }
  return (
    <section class="contacts" aria-labelledby="contacts-heading">
      <h3 id="contacts-heading">{contacts.length === 1 ? "Contact" : "Contacts"}</h3>
      <ul>
        {contacts.map((contact) => (
          <li key={contact.contactId} class={`contact contact-${contact.phase}`}>
            <One control={control} contact={contact} isActive={contact.contactId === activeId} />
          </li>
        ))}
      </ul>
      {active === undefined || !isHad(active.phase) ? null : <Customer contact={active} />}
    </section>
  );
}

interface OneProps {
  readonly control: ContactControl;
  readonly contact: CcpContact;
  readonly isActive: boolean;
}

function One({ control, contact, isActive }: OneProps) {
  const { contactId, phase, isOnHold, customer } = contact;
  const words = (
    <>
      <span class="phase">{isOnHold ? "On hold" : PHASE_WORDS[phase]}</span>
      <span class="what">{channelWords(contact)}</span>
      {customer === undefined || !isHad(phase) ? null : <span class="customer">{customer}</span>}
    </>
  );
  if (isHad(phase)) {
    return (
      <button
        type="button"
        class="one"
        aria-pressed={isActive}
        onClick={() => control.pick(contactId)}
      >
        {words}
      </button>
    );
  }
  return (
    <div class="one">
      {words}
      {phase === "connecting" || phase === "incoming" ? (
        <button type="button" class="primary" onClick={() => control.accept(contactId)}>
          Accept
        </button>
      ) : null}
    </div>
  );
}

/** What the contact flow and the customer's profile put into the contact. */
function Customer({ contact: { attributes } }: { readonly contact: CcpContact }) {
  return attributes.length === 0 ? null : (
    <dl class="attributes" aria-label="About the customer">
      {attributes.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
