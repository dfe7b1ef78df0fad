/** The phone numbers of the stand-in for Chime: search, orders that take a few polls, associations. */
import { PhoneNumberProductType, PhoneNumberType } from "@aws-sdk/client-chime-sdk-voice";
import {
  badRequest,
  type ChimeAnswer,
  type ChimeHandler,
  type ChimeQuotas,
  ChimeRefusal,
  limitExceeded,
  notFound,
  oneOf,
} from "./chime-state.ts";
import type { SdkInput } from "./sdk-operations.ts";

/** A number of the account. */
export interface StandInNumber {
  readonly number: string;
  status: string;
  name: string | undefined;
  readonly orderId: string;
  /** Where its calls go. */
  owner:
    | { readonly kind: "VoiceConnectorId" | "VoiceConnectorGroupId"; readonly id: string }
    | undefined;
}

interface Order {
  readonly id: string;
  readonly numbers: readonly string[];
  readonly name: string | undefined;
  pollsLeft: number;
  readonly failed: Set<string>;
}

/** What it is made of. */
export interface ChimeNumbersOptions {
  readonly quotas: ChimeQuotas;
  readonly orderPolls: number;
  readonly unavailable: ReadonlySet<string>;
}

/** Says whether a connector or group is there. */
export interface Owners {
  has(kind: "VoiceConnectorId" | "VoiceConnectorGroupId", id: string): boolean;
}

const OFFERED_PER_AREA = 20;

/** Numbers and orders. */
export class ChimeNumbers {
  readonly owned = new Map<string, StandInNumber>();
  readonly orders: Order[] = [];
  readonly #options: ChimeNumbersOptions;

  constructor(options: ChimeNumbersOptions) {
    this.#options = options;
  }

  /** Numbers that lead to a connector or group. */
  of(id: string): readonly string[] {
    return [...this.owned.values()]
      .filter(({ owner }) => owner?.id === id)
      .map(({ number }) => number);
  }

  /** A number that was there before anybody provisioned. */
  own(number: string): StandInNumber {
    const owned = {
      number,
      status: "Unassigned",
      name: undefined,
      orderId: "by-hand",
      owner: undefined,
    };
    this.owned.set(number, owned);
    return owned;
  }

  handlers(owners: Owners): Readonly<Record<string, ChimeHandler>> {
    return {
      SearchAvailablePhoneNumbers: (input) => this.#search(input),
      CreatePhoneNumberOrder: (input) => this.#order(input),
      GetPhoneNumberOrder: (input) => ({
        body: { PhoneNumberOrder: this.#poll(this.#orderOf(input)) },
      }),
      ListPhoneNumberOrders: () => ({
        body: { PhoneNumberOrders: this.orders.map((order) => this.#poll(order)) },
        pagedBy: "PhoneNumberOrders",
      }),
      ListPhoneNumbers: () => ({
        body: { PhoneNumbers: [...this.owned.values()].map(viewOf) },
        pagedBy: "PhoneNumbers",
      }),
      GetPhoneNumber: (input) => ({
        body: { PhoneNumber: viewOf(this.#known(input["PhoneNumberId"])) },
      }),
      UpdatePhoneNumber: (input) => this.#update(input),
      DeletePhoneNumber: (input) => this.#delete(input),
      AssociatePhoneNumbersWithVoiceConnector: (input) =>
        this.#associate(input, "VoiceConnectorId", owners),
      AssociatePhoneNumbersWithVoiceConnectorGroup: (input) =>
        this.#associate(input, "VoiceConnectorGroupId", owners),
      DisassociatePhoneNumbersFromVoiceConnector: (input) =>
        this.#disassociate(input, "VoiceConnectorId", owners),
      DisassociatePhoneNumbersFromVoiceConnectorGroup: (input) =>
        this.#disassociate(input, "VoiceConnectorGroupId", owners),
    };
  }

  #search(input: SdkInput): ChimeAnswer {
    oneOf(input["PhoneNumberType"], PhoneNumberType, "PhoneNumberType");
    const isTollFree = input["PhoneNumberType"] === "TollFree";
    const area = isTollFree ? (input["TollFreePrefix"] ?? "800") : (input["AreaCode"] ?? "206");
    const offered = Array.from(
      { length: OFFERED_PER_AREA },
      (_none, index) => `+1${String(area)}55501${String(index).padStart(2, "0")}`,
    );
    return {
      body: { E164PhoneNumbers: offered.filter((number) => !this.owned.has(number)) },
      pagedBy: "E164PhoneNumbers",
    };
  }

  #order(input: SdkInput): ChimeAnswer {
    oneOf(input["ProductType"], PhoneNumberProductType, "ProductType");
    const numbers = input["E164PhoneNumbers"] as readonly string[];
    if (numbers.length === 0 || numbers.length > 50) {
      throw badRequest("1 to 50 numbers in an order");
    }
    if (this.owned.size + numbers.length > this.#options.quotas.numbers) {
      throw limitExceeded("phone numbers");
    }
    const taken = numbers.find((number) => this.owned.has(number));
    if (taken !== undefined) {
      throw badRequest(`${taken} is not available`);
    }
    const order: Order = {
      id: `order-${this.orders.length + 1}`,
      numbers,
      name: input["Name"] as string | undefined,
      pollsLeft: this.#options.orderPolls,
      failed: new Set(),
    };
    this.orders.push(order);
    for (const number of numbers) {
      const { id: orderId, name } = order;
      this.owned.set(number, {
        number,
        status: "AcquireInProgress",
        name,
        orderId,
        owner: undefined,
      });
    }
    return { body: { PhoneNumberOrder: this.#viewOfOrder(order) } };
  }

  /** Each look brings an order nearer to its end. */
  #poll(order: Order): object {
    order.pollsLeft -= 1;
    if (order.pollsLeft === 0) {
      for (const number of order.numbers) {
        const owned = this.owned.get(number);
        if (this.#options.unavailable.has(number)) {
          order.failed.add(number);
          this.owned.delete(number);
        } else if (owned !== undefined) {
          owned.status = "Unassigned";
        }
      }
    }
    return this.#viewOfOrder(order);
  }

  #viewOfOrder({ id, numbers, pollsLeft, failed }: Order): object {
    const isDone = pollsLeft <= 0;
    const status = !isDone
      ? "Processing"
      : failed.size === 0
        ? "Successful"
        : failed.size === numbers.length
          ? "Failed"
          : "Partial";
    return {
      PhoneNumberOrderId: id,
      ProductType: "VoiceConnector",
      OrderType: "New",
      Status: status,
      OrderedPhoneNumbers: numbers.map((number) => ({
        E164PhoneNumber: number,
        Status: failed.has(number) ? "Failed" : isDone ? "Acquired" : "Processing",
      })),
    };
  }

  #orderOf(input: SdkInput): Order {
    const order = this.orders.find(({ id }) => id === input["PhoneNumberOrderId"]);
    if (order === undefined) {
      throw notFound("the order");
    }
    return order;
  }

  #known(id: unknown): StandInNumber {
    const number = this.owned.get(decodeURIComponent(String(id)));
    if (number === undefined) {
      throw notFound("the phone number");
    }
    return number;
  }

  #update(input: SdkInput): ChimeAnswer {
    const number = this.#known(input["PhoneNumberId"]);
    number.name = (input["Name"] as string | undefined) ?? number.name;
    return { body: { PhoneNumber: viewOf(number) } };
  }

  #delete(input: SdkInput): ChimeAnswer {
    const number = this.#known(input["PhoneNumberId"]);
    if (number.owner !== undefined) {
      throw new ChimeRefusal(409, "ConflictException", "the number is associated");
    }
    this.owned.delete(number.number);
    return undefined;
  }

  #associate(
    input: SdkInput,
    kind: "VoiceConnectorId" | "VoiceConnectorGroupId",
    owners: Owners,
  ): ChimeAnswer {
    const id = String(input[kind]);
    if (!owners.has(kind, id)) {
      throw notFound(kind);
    }
    const errors = (input["E164PhoneNumbers"] as readonly string[]).flatMap((text) => {
      const number = this.owned.get(text);
      if (number === undefined || number.status.startsWith("Acquire")) {
        return [phoneNumberError(text, "NotFound")];
      }
      if (
        number.owner !== undefined &&
        number.owner.id !== id &&
        input["ForceAssociate"] !== true
      ) {
        return [phoneNumberError(text, "PhoneNumberAssociationsExist")];
      }
      number.owner = { kind, id };
      number.status = "Assigned";
      return [];
    });
    return { body: { PhoneNumberErrors: errors } };
  }

  #disassociate(
    input: SdkInput,
    kind: "VoiceConnectorId" | "VoiceConnectorGroupId",
    owners: Owners,
  ): ChimeAnswer {
    const id = String(input[kind]);
    if (!owners.has(kind, id)) {
      throw notFound(kind);
    }
    const errors = (input["E164PhoneNumbers"] as readonly string[]).flatMap((text) => {
      const number = this.owned.get(text);
      if (number === undefined || number.owner?.id !== id) {
        return [phoneNumberError(text, "NotFound")];
      }
      number.owner = undefined;
      number.status = "Unassigned";
      return [];
    });
    return { body: { PhoneNumberErrors: errors } };
  }
}

function phoneNumberError(id: string, code: string): object {
  return { PhoneNumberId: id, ErrorCode: code, ErrorMessage: `${code} of a number` };
}

function viewOf({ number, status, name, orderId, owner }: StandInNumber): object {
  return {
    PhoneNumberId: number,
    E164PhoneNumber: number,
    Country: "US",
    Type: "Local",
    ProductType: "VoiceConnector",
    Status: status,
    OrderId: orderId,
    ...(name === undefined ? {} : { Name: name }),
    Associations: owner === undefined ? [] : [{ Name: owner.kind, Value: owner.id }],
  };
}
