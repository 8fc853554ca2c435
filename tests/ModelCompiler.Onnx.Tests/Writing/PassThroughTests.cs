using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using ModelCompiler.Onnx.Tests.Fixtures;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.Writing;

/// <summary>What the graph model does not hold is in the written file all the same.</summary>
public class PassThroughTests
{
    private static readonly StringStringEntryProto Pair = new() { Key = "k", Value = "v" };

    [Fact]
    public void Attributes_of_every_kind_survive() => AssertSurvives(Model(Seeds.Attributes()));

    [Fact]
    public void Types_of_every_kind_survive() => AssertSurvives(Model(Seeds.Types()));

    [Fact]
    public void Subgraphs_survive() => AssertSurvives(Model(Seeds.Control()));

    [Fact]
    public void Functions_survive() => AssertSurvives(ModelProto.Parser.ParseFrom(Seeds.WithFunction()));

    [Fact]
    public void Unknown_fields_survive_wherever_they_are()
    {
        ModelProto model = WithUnknown(Model(WithUnknown(Relu())));
        model.Graph.Node[0] = WithUnknown(model.Graph.Node[0]);
        model.Graph.Node[0].Attribute.Add(WithUnknown(Int("a", 1)));
        model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "t", Type = 4, T = WithUnknown(Raw("t", ElementType.UInt8, [1], 1)) });
        model.Graph.Initializer.Add(WithUnknown(Raw("w", ElementType.UInt8, [1], 1)));
        model.Graph.Input[0] = WithUnknown(model.Graph.Input[0]);
        model.Graph.Input[0].Type.TensorType.Shape.Dim[0] = WithUnknown(model.Graph.Input[0].Type.TensorType.Shape.Dim[0]);
        model.Functions.Add(WithUnknown(new FunctionProto { Name = "f", Node = { WithUnknown(Node("Constant", [], ["c"])) } }));
        AssertSurvives(model);
    }

    [Fact]
    public void Metadata_documentation_annotations_and_training_information_survive()
    {
        ModelProto model = Model(Relu());
        model.ProducerName = "p";
        model.ProducerVersion = "1";
        model.Domain = "d";
        model.ModelVersion = 3;
        model.DocString = "doc";
        model.MetadataProps.Add([Pair, Pair]);
        model.TrainingInfo.Add(new TrainingInfoProto { Algorithm = Relu(), UpdateBinding = { Pair } });
        model.Configuration.Add(new DeviceConfigurationProto { Name = "c", NumDevices = 2, Device = { "a", "b" } });
        GraphProto graph = model.Graph;
        graph.DocString = "doc";
        graph.MetadataProps.Add(Pair);
        graph.QuantizationAnnotation.Add(new TensorAnnotation { TensorName = "y", QuantParameterTensorNames = { Pair } });
        graph.Node[0].MetadataProps.Add(Pair);
        graph.Node[0].DeviceConfigurations.Add(new NodeDeviceConfigurationProto { ConfigurationId = "c", PipelineStage = 1 });
        graph.Node[0].Attribute.Add(new AttributeProto { Name = "a", Type = 2, I = 1, DocString = "doc" });
        graph.Initializer.Add(Raw("w", ElementType.UInt8, [1], 1));
        graph.Initializer[0].DocString = "doc";
        graph.Initializer[0].MetadataProps.Add(Pair);
        graph.Output[0].MetadataProps.Add(Pair);
        AssertSurvives(model);
    }

    [Fact]
    public void An_attribute_of_a_later_kind_survives()
    {
        ModelProto model = Model(Relu());
        model.Graph.Node[0].Attribute.Add(WithUnknown(new AttributeProto { Name = "a", Type = 42 }));
        AssertSurvives(model);
    }

    [Fact]
    public void An_annotation_of_a_value_that_is_gone_is_dropped()
    {
        ModelProto proto = Model(Relu());
        proto.Graph.QuantizationAnnotation.Add([new TensorAnnotation { TensorName = "x" }, new TensorAnnotation { TensorName = "gone" }]);
        Assert.Equal(["x"], Rewrite(proto).Graph.QuantizationAnnotation.Select(a => a.TensorName));
    }

    [Fact]
    public void A_type_that_was_changed_is_written_as_it_is_now()
    {
        ModelProto proto = Model(Seeds.Types());
        Model model = Read(proto);
        model.Graph.Inputs[0].Type = new TensorType(ElementType.Int8, Shape.Of(4));
        ModelProto written = ModelProto.Parser.ParseFrom(OnnxWriter.ToBytes(model));
        Assert.Equal(TensorOf(ElementType.Int8, 4), written.Graph.Input[0].Type);
    }

    private static void AssertSurvives(ModelProto model) => Assert.Equal(model, Rewrite(model));

    /// <summary>The message with field 90, a number, and field 91, text, which no version of the format has.</summary>
    private static T WithUnknown<T>(T message) where T : IMessage<T>
    {
        byte[] bytes = [.. message.ToByteArray(), 0xD0, 0x05, 0x2A, 0xDA, 0x05, 0x02, (byte)'h', (byte)'i'];
        return (T)message.Descriptor.Parser.ParseFrom(bytes);
    }
}
