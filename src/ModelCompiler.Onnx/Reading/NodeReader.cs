using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Reads nodes in two steps: what they are and define, then what they read and hold.</summary>
internal static class NodeReader
{
    /// <summary>The one name of a domain: ONNX's own has two.</summary>
    public static string DomainName(string domain) => domain == "ai.onnx" ? "" : domain;

    /// <summary>Adds a node with its outputs; its inputs are not connected yet.</summary>
    public static Node Declare(Graph graph, NodeProto proto)
    {
        if (proto.OpType.Length == 0) throw new CompilerException(DiagnosticTable.ModelInvalid, $"node '{proto.Name}' of graph '{graph.Name}' has no operator");
        if (proto is { OpType: "EPContext", Domain: "com.microsoft" })
        {
            string source = proto.Attribute.FirstOrDefault(a => a.Name == "source")?.S.ToStringUtf8() ?? "unknown";
            throw new CompilerException(DiagnosticTable.ModelIsCompiled, proto.Name, source);
        }
        Node node = graph.AddNode(proto.OpType, new Value?[proto.Input.Count], [.. proto.Output], DomainName(proto.Domain), proto.Name);
        node.Overload = proto.Overload;
        node.Doc = proto.DocString;
        node.Extras = proto.Remainder();
        return node;
    }

    /// <summary>Reads the attributes, subgraphs among them.</summary>
    public static void ReadAttributes(Node node, NodeProto proto, GraphReader scope)
    {
        if (proto.Attribute.Count > ReadLimits.AttributesPerNode)
            throw new CompilerException(DiagnosticTable.ModelTooLarge, $"node '{node}' has {proto.Attribute.Count} attributes, and {ReadLimits.AttributesPerNode} are allowed");
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (node.Attributes.Find(attribute.Name) is not null) throw new CompilerException(DiagnosticTable.ModelInvalid, $"node '{node}' has attribute '{attribute.Name}' twice");
            node.Attributes.Set(scope.ReadAttribute(attribute));
        }
    }
}
