import { create } from '@bufbuild/protobuf'
import type { NativeAttribute, Numbers } from '../binding.ts'
import { AttrValue_ListValueSchema, AttrValueSchema, TensorShapeProtoSchema } from './tensorflow_pb.ts'
import type { AttrValue, AttrValue_ListValue, TensorShapeProto } from './tensorflow_pb.ts'

type Value = AttrValue['value']

const utf8 = new TextEncoder()

export function toShape(sides: readonly number[]): TensorShapeProto {
  return create(TensorShapeProtoSchema, { dim: sides.map((side) => ({ size: BigInt(side) })) })
}

export function toAttribute(value: Value): AttrValue {
  return create(AttrValueSchema, { value })
}

/** `createOp`'s attribute as a graph holds it. */
export function fromNative({ type, value }: NativeAttribute, numbers: Numbers): AttrValue {
  if (type === numbers.TF_ATTR_SHAPE)
    return toAttribute({ case: 'shape', value: toShape(value as readonly number[]) })
  return toAttribute(Array.isArray(value) ? listOf(type, value, numbers) : oneOf(type, value, numbers))
}

function oneOf(type: number, value: unknown, numbers: Numbers): Value {
  switch (type) {
    case numbers.TF_ATTR_STRING:
      return { case: 's', value: utf8.encode(String(value)) }
    case numbers.TF_ATTR_INT:
      return { case: 'i', value: BigInt(Number(value)) }
    case numbers.TF_ATTR_FLOAT:
      return { case: 'f', value: Number(value) }
    case numbers.TF_ATTR_BOOL:
      return { case: 'b', value: Boolean(value) }
    case numbers.TF_ATTR_TYPE:
      return { case: 'type', value: Number(value) }
    default:
      throw new Error(`An attribute of kind ${type} cannot be recorded.`)
  }
}

function listOf(type: number, values: readonly unknown[], numbers: Numbers): Value {
  const lists: Record<number, Partial<Omit<AttrValue_ListValue, '$typeName' | '$unknown'>>> = {
    [numbers.TF_ATTR_STRING]: { s: values.map((value) => utf8.encode(String(value))) },
    [numbers.TF_ATTR_INT]: { i: values.map((value) => BigInt(Number(value))) },
    [numbers.TF_ATTR_FLOAT]: { f: values.map(Number) },
    [numbers.TF_ATTR_BOOL]: { b: values.map(Boolean) },
    [numbers.TF_ATTR_TYPE]: { type: values.map(Number) },
  }
  const list = lists[type]
  if (!list) throw new Error(`A list of attributes of kind ${type} cannot be recorded.`)
  return { case: 'list', value: create(AttrValue_ListValueSchema, list) }
}
