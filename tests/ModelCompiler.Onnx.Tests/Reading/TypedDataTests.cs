using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.Reading;

/// <summary>Numbers come in seven fields; the graph has them as little-endian bytes.</summary>
public class TypedDataTests
{
    /// <summary>Type, the tensor's typed field, the bytes in hex.</summary>
    public static TheoryData<ElementType, string> Cases => new()
    {
        { ElementType.Float, "0000803F000000C0" },
        { ElementType.Complex64, "0000803F000000C0" },
        { ElementType.Double, "000000000000F03F00000000000000C0" },
        { ElementType.Complex128, "000000000000F03F00000000000000C0" },
        { ElementType.Int64, "0100000000000000FEFFFFFFFFFFFFFF" },
        { ElementType.UInt64, "0100000000000000FEFFFFFFFFFFFFFF" },
        { ElementType.UInt32, "01000000FEFFFFFF" },
        { ElementType.Int32, "01000000FEFFFFFF" },
        { ElementType.Int16, "0100FEFF" },
        { ElementType.UInt16, "0100FEFF" },
        { ElementType.Float16, "0100FEFF" },
        { ElementType.BFloat16, "0100FEFF" },
        { ElementType.Int8, "01FE" },
        { ElementType.UInt8, "01FE" },
        { ElementType.Float8E4M3FN, "01FE" },
        { ElementType.Float8E5M2FNUZ, "01FE" },
        { ElementType.Int4, "01FE" },
        { ElementType.UInt4, "01FE" },
        { ElementType.Float4E2M1, "01FE" },
        { ElementType.Int2, "01FE" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Becomes_little_endian_bytes(ElementType type, string hex)
    {
        long count = type switch
        {
            ElementType.Complex64 or ElementType.Complex128 => 1,
            ElementType.Int4 or ElementType.UInt4 or ElementType.Float4E2M1 => 4,
            ElementType.Int2 => 8,
            _ => 2,
        };
        Tensor tensor = ReadTensor(new TensorProto
        {
            DataType = (int)type,
            Dims = { count },
            FloatData = { 1, -2 },
            DoubleData = { 1, -2 },
            Int32Data = { 1, -2 },
            Int64Data = { 1, -2 },
            Uint64Data = { 1, unchecked((ulong)-2) },
        });
        Assert.Equal(type, tensor.ElementType);
        Assert.Equal(hex, Convert.ToHexString(tensor.Bytes));
    }

    [Fact]
    public void Booleans_are_bytes()
    {
        Tensor tensor = ReadTensor(new TensorProto { DataType = (int)ElementType.Bool, Dims = { 3 }, Int32Data = { 1, 0, 1 } });
        Assert.Equal([true, false, true], tensor.AsSpan<bool>());
    }

    [Fact]
    public void Strings_are_bytes_of_any_kind()
    {
        ByteString[] strings = [ByteString.CopyFromUtf8("ä"), ByteString.Empty, ByteString.CopyFrom(0xFF, 0x00)];
        ModelProto model = WithTensor(new TensorProto { DataType = (int)ElementType.String, Dims = { 3 }, StringData = { strings } });
        Assert.Equal(strings, Rewrite(model).Graph.Initializer[0].StringData);
    }

    [Fact]
    public void Raw_data_wins_over_a_typed_field_as_in_every_runtime()
    {
        Tensor tensor = ReadTensor(new TensorProto { DataType = 1, Dims = { 1 }, FloatData = { 7 }, RawData = ByteString.CopyFrom(0, 0, 0x80, 0x3F) });
        Assert.Equal([1f], tensor.AsSpan<float>());
    }

    [Fact]
    public void A_scalar_and_an_empty_tensor_have_one_and_no_elements()
    {
        Assert.Equal(1, ReadTensor(new TensorProto { DataType = 1, FloatData = { 7 } }).ElementCount);
        Assert.Equal(0, ReadTensor(new TensorProto { DataType = 1, Dims = { 3, 0 } }).ElementCount);
    }

    [Fact]
    public void A_type_of_a_later_format_passes_through()
    {
        ModelProto model = WithTensor(new TensorProto { DataType = 99, Dims = { 5 }, Int32Data = { 1, 2, 3 } });
        Assert.Equal(model.Graph.Initializer, Rewrite(model).Graph.Initializer);
        ModelProto raw = WithTensor(Raw("w", (ElementType)98, [1, 2, 3], 9));
        Assert.Equal(raw.Graph.Initializer, Rewrite(raw).Graph.Initializer);
    }

    private static Tensor ReadTensor(TensorProto tensor) => Read(WithTensor(tensor)).Graph.Initializers.Single().Initializer!;

    private static ModelProto WithTensor(TensorProto tensor)
    {
        ModelProto model = Model(Relu());
        tensor.Name = "w";
        model.Graph.Initializer.Add(tensor);
        return model;
    }
}
